CREATE SCHEMA "vault";
--> statement-breakpoint
CREATE TABLE "vault"."legal_basis" (
	"basis" text NOT NULL,
	"purpose" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"provision" text NOT NULL,
	CONSTRAINT "legal_basis_basis_purpose_valid_from_pk" PRIMARY KEY("basis","purpose","valid_from"),
	CONSTRAINT "legal_basis_period" CHECK (valid_to is null or valid_to >= valid_from)
);
--> statement-breakpoint
CREATE TABLE "vault"."key_class" (
	"class" text PRIMARY KEY NOT NULL,
	"min_version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "key_class_min_version" CHECK (min_version >= 1)
);
--> statement-breakpoint
CREATE TABLE "vault"."key" (
	"key_id" text PRIMARY KEY NOT NULL,
	"class" text NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"wrap_nonce" "bytea",
	"wrapped" "bytea",
	"public_jwk" jsonb,
	"uses" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"activated_at" timestamp with time zone,
	"deactivated_at" timestamp with time zone,
	"destroyed_at" timestamp with time zone,
	CONSTRAINT "key_class_known" CHECK (class in ('subject', 'index', 'input', 'certificate', 'factor')),
	CONSTRAINT "key_state_known" CHECK (state in ('preActive', 'active', 'deactivated', 'compromised', 'destroyed')),
	CONSTRAINT "key_destroyed_has_no_bytes" CHECK ((state = 'destroyed') = (wrapped is null)),
	CONSTRAINT "key_id_form" CHECK (key_id = class || '-' || version)
);
--> statement-breakpoint
CREATE TABLE "vault"."rotation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."rotation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"class" text NOT NULL,
	"to_version" integer NOT NULL,
	"state" text NOT NULL,
	"cursor" text DEFAULT '' NOT NULL,
	"done" bigint DEFAULT 0 NOT NULL,
	"total" bigint NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "rotation_state_known" CHECK (state in ('running', 'paused', 'done'))
);
--> statement-breakpoint
CREATE TABLE "vault"."seal" (
	"only_row" text PRIMARY KEY DEFAULT 'seal' NOT NULL,
	"method" text NOT NULL,
	"envelope" jsonb NOT NULL,
	"check_value" "bytea" NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "seal_only_row" CHECK (only_row = 'seal')
);
--> statement-breakpoint
CREATE TABLE "vault"."hold" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."hold_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"vault_ref" text NOT NULL,
	"reason" text NOT NULL,
	"placed_by" text NOT NULL,
	"placed_approved_by" text NOT NULL,
	"placed_at" timestamp with time zone NOT NULL,
	"released_by" text,
	"released_approved_by" text,
	"released_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "vault"."number_index" (
	"version" integer NOT NULL,
	"value" "bytea" NOT NULL,
	"vault_ref" text NOT NULL,
	CONSTRAINT "number_index_version_value_pk" PRIMARY KEY("version","value"),
	CONSTRAINT "number_index_length" CHECK (octet_length(value) = 16)
);
--> statement-breakpoint
CREATE TABLE "vault"."number" (
	"vault_ref" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"record_version" integer NOT NULL,
	"key_id" text,
	"kek_version" integer,
	"wrap_nonce" "bytea",
	"wrapped_dek" "bytea",
	"nonce" "bytea",
	"ciphertext" "bytea",
	"unified_addressee_no" text,
	"registered_at" timestamp with time zone NOT NULL,
	"superseded_at" timestamp with time zone,
	"superseded_by" text,
	"erased_at" timestamp with time zone,
	"retention_ends_on" date,
	CONSTRAINT "number_ref_form" CHECK (vault_ref ~ '^vr_[0-9A-HJKMNP-TV-Z]{26}$'),
	CONSTRAINT "number_state_known" CHECK (state in ('active', 'superseded', 'erased')),
	CONSTRAINT "number_erased_is_empty" CHECK ((state = 'erased') = (ciphertext is null)),
	CONSTRAINT "number_sealed_whole" CHECK (num_nulls(key_id, kek_version, wrap_nonce, wrapped_dek, nonce, ciphertext) in (0, 6)),
	CONSTRAINT "number_unified_form" CHECK (unified_addressee_no ~ '^[0-9]{15}$')
);
--> statement-breakpoint
CREATE TABLE "vault"."approval" (
	"approval_id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"content_digest" text NOT NULL,
	"summary" jsonb NOT NULL,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"opened_at" timestamp with time zone,
	"opened_by" text,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"consumed_at" timestamp with time zone,
	CONSTRAINT "approval_two_people" CHECK (decided_by is null or decided_by <> requested_by),
	CONSTRAINT "approval_state_known" CHECK (state in ('requested', 'approved', 'refused', 'consumed', 'void'))
);
--> statement-breakpoint
CREATE TABLE "vault"."budget_use" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."budget_use_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL,
	"unit" text NOT NULL,
	"kind" text NOT NULL,
	"subjects" integer NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."erasure_certificate" (
	"certificate_id" text PRIMARY KEY NOT NULL,
	"signed" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."erasure" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."erasure_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"vault_ref" text NOT NULL,
	"certificate_id" text NOT NULL,
	"reason" text NOT NULL,
	"requested_by" text NOT NULL,
	"approved_by" text NOT NULL,
	"particulars" jsonb NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"done_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "vault"."retention_rule" (
	"class" text NOT NULL,
	"years" integer NOT NULL,
	"valid_from" date NOT NULL,
	"basis" text NOT NULL,
	CONSTRAINT "retention_rule_class_valid_from_pk" PRIMARY KEY("class","valid_from")
);
--> statement-breakpoint
CREATE TABLE "vault"."used_assertion" (
	"jti" text PRIMARY KEY NOT NULL,
	"body_digest" text NOT NULL,
	"op" text NOT NULL,
	"subjects" text NOT NULL,
	"person_id" text NOT NULL,
	"request_id" text NOT NULL,
	"outcome" text NOT NULL,
	"result" jsonb,
	"kept_until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."credential" (
	"credential_id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"terminal_id" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "vault"."factor" (
	"person_id" text PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"nonce" "bytea" NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"last_step" bigint,
	"failures" bigint DEFAULT 0 NOT NULL,
	"locked_until" timestamp with time zone,
	"failed_at_ms" bigint[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."number_grant" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."number_grant_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL,
	"purpose" text NOT NULL,
	"operations" text[] NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date NOT NULL,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"approved_by" text,
	"confirmed_on" date,
	"last_used_on" date,
	"state_since" date,
	CONSTRAINT "number_grant_two_people" CHECK (approved_by is null or approved_by <> requested_by),
	CONSTRAINT "number_grant_period" CHECK (valid_to between valid_from and (valid_from + interval '12 months')::date),
	CONSTRAINT "number_grant_some_operation" CHECK (cardinality(operations) > 0),
	CONSTRAINT "number_grant_approved" CHECK (state not in ('approved', 'suspended') or approved_by is not null)
);
--> statement-breakpoint
CREATE TABLE "vault"."person" (
	"person_id" text PRIMARY KEY NOT NULL,
	"unit" text NOT NULL,
	"role" text NOT NULL,
	"employment_from" date NOT NULL,
	"employment_to" date,
	"trained_on" date,
	"secrecy_accepted_on" date,
	"unit_until" date,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "person_id_form" CHECK (person_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
	CONSTRAINT "person_role_known" CHECK (role in ('handler', 'unitOfficer', 'auditOfficer', 'chiefOfficer', 'systemAdmin', 'keyCustodian'))
);
--> statement-breakpoint
CREATE TABLE "vault"."step_up" (
	"step_up_id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"terminal_id" text NOT NULL,
	"purpose" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."terminal" (
	"terminal_id" text PRIMARY KEY NOT NULL,
	"zone" text NOT NULL,
	"unit" text NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "vault"."hold" ADD CONSTRAINT "hold_vault_ref_number_vault_ref_fk" FOREIGN KEY ("vault_ref") REFERENCES "vault"."number"("vault_ref") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."number_index" ADD CONSTRAINT "number_index_vault_ref_number_vault_ref_fk" FOREIGN KEY ("vault_ref") REFERENCES "vault"."number"("vault_ref") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."credential" ADD CONSTRAINT "credential_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "vault"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."credential" ADD CONSTRAINT "credential_terminal_id_terminal_terminal_id_fk" FOREIGN KEY ("terminal_id") REFERENCES "vault"."terminal"("terminal_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."factor" ADD CONSTRAINT "factor_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "vault"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."number_grant" ADD CONSTRAINT "number_grant_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "vault"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "key_class_version" ON "vault"."key" USING btree ("class","version");--> statement-breakpoint
CREATE UNIQUE INDEX "key_one_active" ON "vault"."key" USING btree ("class") WHERE state = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "rotation_one_running" ON "vault"."rotation" USING btree ("class") WHERE state <> 'done';--> statement-breakpoint
CREATE INDEX "hold_standing" ON "vault"."hold" USING btree ("vault_ref") WHERE released_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "number_index_ref" ON "vault"."number_index" USING btree ("vault_ref","version");--> statement-breakpoint
CREATE INDEX "number_key" ON "vault"."number" USING btree ("kek_version","vault_ref");--> statement-breakpoint
CREATE INDEX "number_unified" ON "vault"."number" USING btree ("unified_addressee_no");--> statement-breakpoint
CREATE INDEX "number_retention" ON "vault"."number" USING btree ("retention_ends_on") WHERE retention_ends_on is not null and state <> 'erased';--> statement-breakpoint
CREATE INDEX "approval_ring" ON "vault"."approval" USING btree ("kind","decided_at");--> statement-breakpoint
CREATE INDEX "budget_use_person" ON "vault"."budget_use" USING btree ("person_id","kind","at");--> statement-breakpoint
CREATE INDEX "budget_use_unit" ON "vault"."budget_use" USING btree ("unit","kind","at");--> statement-breakpoint
CREATE UNIQUE INDEX "erasure_ref" ON "vault"."erasure" USING btree ("vault_ref");--> statement-breakpoint
CREATE INDEX "erasure_by_certificate" ON "vault"."erasure" USING btree ("certificate_id");--> statement-breakpoint
CREATE INDEX "used_assertion_kept" ON "vault"."used_assertion" USING btree ("kept_until");--> statement-breakpoint
CREATE INDEX "credential_person" ON "vault"."credential" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "number_grant_person" ON "vault"."number_grant" USING btree ("person_id","purpose");--> statement-breakpoint
-- Least privilege: the vault changes what changes, deletes what expires, and drops nothing.
grant usage on schema vault to kuramori_vault;
grant select, insert, update on vault.key, vault.key_class, vault.seal, vault.rotation, vault.number, vault.hold, vault.person,
  vault.terminal, vault.credential, vault.factor, vault.number_grant, vault.approval, vault.erasure to kuramori_vault;
grant select, insert on vault.erasure_certificate, vault.retention_rule to kuramori_vault;
grant select, insert, delete on vault.number_index, vault.step_up, vault.budget_use to kuramori_vault;
grant select, insert, update, delete on vault.used_assertion to kuramori_vault;
grant select on public.kuramori_migration to kuramori_vault;
grant select, insert on vault.legal_basis to kuramori_vault;
--> statement-breakpoint
-- 番号法 9条1項, 別表24の項 (地方税の徴収): what a municipality may always do (handbook 11 §1). Further bases, such as an
-- ordinance's, are entered by a legal officer.
insert into vault.legal_basis (basis, purpose, valid_from, provision)
select 'NUMBER-ACT-9-1-24', purpose, date '2016-01-01', '番号法第9条第1項 別表第24の項（地方税の賦課徴収）'
from unnest(array['COLLECTION', 'DELINQUENCY', 'REFUND', 'TRANSFER']) as purpose;
