CREATE TABLE "access"."approval_decision" (
	"request_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "approval_decision_outcome_known" CHECK (outcome in ('approved', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "access"."approval_opening" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."approval_opening_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"request_id" bigint NOT NULL,
	"opened_by" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access"."approval_request" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."approval_request_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"staff_id" text NOT NULL,
	"role" text,
	"department" text,
	"valid_from" date,
	"valid_to" date,
	"content_digest" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "approval_request_kind_known" CHECK (kind in ('grantRole', 'resetCredentials')),
	CONSTRAINT "approval_request_content" CHECK (num_nonnulls(role, department, valid_from) = 3 * (kind = 'grantRole')::integer
        and (valid_to is null or kind = 'grantRole'))
);
--> statement-breakpoint
CREATE TABLE "access"."approval_use" (
	"request_id" bigint PRIMARY KEY NOT NULL,
	"used_at" timestamp with time zone NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "access"."approval_decision" ADD CONSTRAINT "approval_decision_request_id_approval_request_id_fk" FOREIGN KEY ("request_id") REFERENCES "access"."approval_request"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_decision" ADD CONSTRAINT "approval_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_opening" ADD CONSTRAINT "approval_opening_request_id_approval_request_id_fk" FOREIGN KEY ("request_id") REFERENCES "access"."approval_request"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_opening" ADD CONSTRAINT "approval_opening_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_role_role_name_fk" FOREIGN KEY ("role") REFERENCES "access"."role"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_department_department_code_fk" FOREIGN KEY ("department") REFERENCES "access"."department"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_use" ADD CONSTRAINT "approval_use_request_id_approval_decision_request_id_fk" FOREIGN KEY ("request_id") REFERENCES "access"."approval_decision"("request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."approval_use" ADD CONSTRAINT "approval_use_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approval_decision_at" ON "access"."approval_decision" USING btree ("decided_at");--> statement-breakpoint
CREATE INDEX "approval_opening_request" ON "access"."approval_opening" USING btree ("request_id","id");--> statement-breakpoint
CREATE INDEX "approval_request_kind" ON "access"."approval_request" USING btree ("kind","requested_at");--> statement-breakpoint

-- Written by hand from here on: who asked, opened, decided and did what is never changed.
DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['approval_request', 'approval_opening', 'approval_decision', 'approval_use'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON access.%I
       FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change()', journal || '_insert_only', journal);
    EXECUTE pg_catalog.format('ALTER TABLE access.%I ENABLE ALWAYS TRIGGER %I', journal, journal || '_insert_only');
  END LOOP;
END $$;
--> statement-breakpoint
GRANT SELECT, INSERT ON access.approval_request, access.approval_opening, access.approval_decision,
  access.approval_use TO kuramori_gateway;
