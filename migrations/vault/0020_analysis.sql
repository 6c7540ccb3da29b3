CREATE TABLE "vault"."analysis_hit" (
	"run_no" bigint NOT NULL,
	"place" integer NOT NULL,
	"rule" text NOT NULL,
	"day" date NOT NULL,
	"people" text[] NOT NULL,
	"units" text[] NOT NULL,
	"about" text[] NOT NULL,
	"sequences" bigint[] NOT NULL,
	"count" integer NOT NULL,
	"threshold" integer NOT NULL,
	CONSTRAINT "analysis_hit_run_no_place_pk" PRIMARY KEY("run_no","place")
);
--> statement-breakpoint
CREATE TABLE "vault"."analysis_review" (
	"run_no" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"conclusion" text NOT NULL,
	"reviewed_by" text NOT NULL,
	"reviewed_at" timestamp with time zone NOT NULL,
	"assertion" text NOT NULL,
	CONSTRAINT "analysis_review_outcome_known" CHECK (outcome in ('sound', 'followUp', 'incident'))
);
--> statement-breakpoint
CREATE TABLE "vault"."analysis_run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."analysis_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"unit" text,
	"period_from" date NOT NULL,
	"period_to" date NOT NULL,
	"threshold_version" bigint NOT NULL,
	"rules" jsonb NOT NULL,
	"people" text[] NOT NULL,
	"digest" text NOT NULL,
	"log_until" bigint NOT NULL,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	"review_by" date NOT NULL,
	CONSTRAINT "analysis_run_run_id_unique" UNIQUE("run_id"),
	CONSTRAINT "analysis_run_id_form" CHECK (run_id ~ '^LA-[0-9a-f-]{36}$'),
	CONSTRAINT "analysis_run_kind_known" CHECK (kind in ('monthly', 'quarterly', 'occasional')),
	CONSTRAINT "analysis_run_unit" CHECK (case kind when 'monthly' then unit is not null when 'quarterly' then unit is null else true end),
	CONSTRAINT "analysis_run_span" CHECK (period_to >= period_from)
);
--> statement-breakpoint
CREATE TABLE "vault"."analysis_threshold" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."analysis_threshold_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"valid_from" date NOT NULL,
	"thresholds" jsonb NOT NULL,
	"reason" text NOT NULL,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."daily_alarm" (
	"what" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	CONSTRAINT "daily_alarm_what_subject_day_pk" PRIMARY KEY("what","subject","day")
);
--> statement-breakpoint
CREATE TABLE "vault"."personnel_feed" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."personnel_feed_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"as_of" date NOT NULL,
	"people" integer NOT NULL,
	"received_by" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."watch_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."watch_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"watch_id" text NOT NULL,
	"vault_ref" text NOT NULL,
	"category" text NOT NULL,
	"person_id" text,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "watch_id_form" CHECK (watch_id ~ '^WL-[0-9a-f-]{36}$'),
	CONSTRAINT "watch_category_known" CHECK (category in ('household', 'colleague', 'publicFigure')),
	CONSTRAINT "watch_person" CHECK ((category = 'publicFigure') = (person_id is null)),
	CONSTRAINT "watch_period" CHECK (valid_to is null or valid_to >= valid_from)
);
--> statement-breakpoint
ALTER TABLE "vault"."analysis_hit" ADD CONSTRAINT "analysis_hit_run_no_analysis_run_id_fk" FOREIGN KEY ("run_no") REFERENCES "vault"."analysis_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."analysis_review" ADD CONSTRAINT "analysis_review_run_no_analysis_run_id_fk" FOREIGN KEY ("run_no") REFERENCES "vault"."analysis_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "analysis_run_made" ON "vault"."analysis_run" USING btree ("made_at");--> statement-breakpoint
CREATE INDEX "analysis_run_period" ON "vault"."analysis_run" USING btree ("kind","period_from");--> statement-breakpoint
CREATE INDEX "watch_entry_of" ON "vault"."watch_entry" USING btree ("watch_id","id");--> statement-breakpoint
CREATE INDEX "approval_decided" ON "vault"."approval" USING btree ("decided_at");--> statement-breakpoint
-- Written by hand from here on: what was analysed, concluded, watched and raised is entered and read, never changed; by
-- the owner neither.
grant select, insert on vault.analysis_threshold, vault.watch_entry, vault.analysis_run, vault.analysis_hit,
  vault.analysis_review, vault.personnel_feed, vault.daily_alarm to kuramori_vault;
--> statement-breakpoint
-- ALWAYS: session_replication_role does not switch the refusal off.
do $$
declare name text;
begin
  foreach name in array array['analysis_threshold', 'watch_entry', 'analysis_run', 'analysis_hit', 'analysis_review',
    'personnel_feed', 'daily_alarm'] loop
    execute format('create trigger insert_only before update or delete or truncate on vault.%I
      for each statement execute function vault.refuse_evidence_change()', name);
    execute format('alter table vault.%I enable always trigger insert_only', name);
  end loop;
end $$;
