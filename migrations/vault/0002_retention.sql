CREATE TABLE "vault"."retention_candidate" (
	"run_id" bigint NOT NULL,
	"vault_ref" text NOT NULL,
	"erasable_from" date NOT NULL,
	"retention_class" text,
	"purpose" text,
	CONSTRAINT "retention_candidate_run_id_erasable_from_vault_ref_pk" PRIMARY KEY("run_id","erasable_from","vault_ref")
);
--> statement-breakpoint
CREATE TABLE "vault"."retention_run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."retention_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"period_from" date,
	"started_by" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"rules" jsonb NOT NULL,
	"candidates" integer NOT NULL,
	"newly_due" integer NOT NULL,
	"is_whole" boolean NOT NULL,
	"refs_digest" text NOT NULL,
	"intent_entry" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."task_change" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."task_change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"vault_ref" text NOT NULL,
	"purpose" text NOT NULL,
	"state" text NOT NULL,
	"retention_class" text,
	"ended_on" date,
	"erasable_from" date,
	"reason" text NOT NULL,
	"case_ref" text NOT NULL,
	"stated_by" text NOT NULL,
	"stated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "task_change_state_known" CHECK (state in ('ended', 'resumed')),
	CONSTRAINT "task_change_end_whole" CHECK (num_nonnulls(retention_class, ended_on, erasable_from) = case state when 'ended' then 3 else 0 end)
);
--> statement-breakpoint
ALTER TABLE "vault"."number" ADD COLUMN "retention_class" text;--> statement-breakpoint
ALTER TABLE "vault"."number" ADD COLUMN "retention_purpose" text;--> statement-breakpoint
ALTER TABLE "vault"."retention_candidate" ADD CONSTRAINT "retention_candidate_run_id_retention_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "vault"."retention_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "retention_run_nightly" ON "vault"."retention_run" USING btree ("day") WHERE started_by = 'schedule';--> statement-breakpoint
CREATE INDEX "task_change_last" ON "vault"."task_change" USING btree ("vault_ref","purpose","id");--> statement-breakpoint
-- What was said about tasks, and which lists were made, is only ever added to. Lists of candidates go when they are old.
grant select, insert on vault.task_change, vault.retention_run to kuramori_vault;
grant select, insert, delete on vault.retention_candidate to kuramori_vault;
