CREATE TABLE "vault"."approval_opening" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."approval_opening_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"approval_id" text NOT NULL,
	"opened_by" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "vault"."approval_opening" ADD CONSTRAINT "approval_opening_approval_id_approval_approval_id_fk" FOREIGN KEY ("approval_id") REFERENCES "vault"."approval"("approval_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approval_opening_by" ON "vault"."approval_opening" USING btree ("approval_id","opened_by","id");--> statement-breakpoint
-- Written by hand: what was opened by then stays opened, and nothing that was looked at is changed.
insert into vault.approval_opening (approval_id, opened_by, opened_at)
  select approval_id, opened_by, opened_at from vault.approval where opened_by is not null and opened_at is not null;
--> statement-breakpoint
ALTER TABLE "vault"."approval" DROP COLUMN "opened_at";--> statement-breakpoint
ALTER TABLE "vault"."approval" DROP COLUMN "opened_by";--> statement-breakpoint
grant select, insert on vault.approval_opening to kuramori_vault;
