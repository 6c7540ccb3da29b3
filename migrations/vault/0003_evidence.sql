CREATE TABLE "vault"."document_certificate" (
	"key_id" text PRIMARY KEY NOT NULL,
	"certificate" "bytea" NOT NULL,
	"issued_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."holiday" (
	"day" date NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "holiday_day_pk" PRIMARY KEY("day")
);
--> statement-breakpoint
CREATE TABLE "vault"."incident_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."incident_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"incident_id" text NOT NULL,
	"step" text NOT NULL,
	"learned_on" date,
	"malicious" boolean,
	"done_on" date,
	"overview" text,
	"items" text,
	"people" text,
	"cause" text,
	"secondary_damage" text,
	"response" text,
	"publication" text,
	"prevention" text,
	"other" text,
	"entered_by" text NOT NULL,
	"approved_by" text,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "incident_id_form" CHECK (incident_id ~ '^IN-[0-9a-f-]{36}$'),
	CONSTRAINT "incident_step_known" CHECK (step in ('found', 'quickReport', 'finalReport', 'subjectNotice', 'notReportable', 'closed')),
	CONSTRAINT "incident_step_dated" CHECK ((step = 'found') = (done_on is null)),
	CONSTRAINT "incident_learned_when_found" CHECK (learned_on is null or step = 'found'),
	CONSTRAINT "incident_two_people" CHECK (case when step in ('notReportable', 'closed') then approved_by is not null and approved_by <> entered_by
        else approved_by is null end)
);
--> statement-breakpoint
CREATE TABLE "vault"."processor_audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."processor_audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"processor_id" text NOT NULL,
	"audited_on" date NOT NULL,
	"finding" text NOT NULL,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."processor" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."processor_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"processor_id" text NOT NULL,
	"name" text NOT NULL,
	"contract_no" text NOT NULL,
	"contract_from" date NOT NULL,
	"contract_to" date NOT NULL,
	"scope" text NOT NULL,
	"basis" text NOT NULL,
	"responsible" text NOT NULL,
	"staff" text[] NOT NULL,
	"places" text[] NOT NULL,
	"devices" text[] NOT NULL,
	"sub_processor" text,
	"consented_on" date,
	"trained_on" date,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "processor_id_form" CHECK (processor_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
	CONSTRAINT "processor_period" CHECK (contract_to >= contract_from),
	CONSTRAINT "processor_consent" CHECK ((sub_processor is null) = (consented_on is null))
);
--> statement-breakpoint
ALTER TABLE "vault"."key" DROP CONSTRAINT "key_class_known";--> statement-breakpoint
CREATE INDEX "incident_entry_of" ON "vault"."incident_entry" USING btree ("incident_id","id");--> statement-breakpoint
CREATE INDEX "processor_audit_of" ON "vault"."processor_audit" USING btree ("processor_id","audited_on");--> statement-breakpoint
CREATE INDEX "processor_of" ON "vault"."processor" USING btree ("processor_id","id");--> statement-breakpoint
ALTER TABLE "vault"."key" ADD CONSTRAINT "key_class_known" CHECK (class in ('subject', 'index', 'input', 'certificate', 'factor', 'document'));
--> statement-breakpoint
-- Written by hand from here on: evidence (証跡) is entered and read, never changed; by the owner neither.
grant select, insert on vault.document_certificate, vault.processor, vault.processor_audit, vault.incident_entry,
  vault.holiday to kuramori_vault;
--> statement-breakpoint
create function vault.refuse_evidence_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'evidence is insert-only' using errcode = 'insufficient_privilege';
end $$;
--> statement-breakpoint
-- ALWAYS: session_replication_role does not switch the refusal off.
do $$
declare name text;
begin
  foreach name in array array['document_certificate', 'processor', 'processor_audit', 'incident_entry', 'holiday'] loop
    execute format('create trigger insert_only before update or delete or truncate on vault.%I
      for each statement execute function vault.refuse_evidence_change()', name);
    execute format('alter table vault.%I enable always trigger insert_only', name);
  end loop;
end $$;
