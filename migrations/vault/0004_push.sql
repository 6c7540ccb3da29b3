CREATE TABLE "vault"."addressee_linkage" (
	"vault_ref" text PRIMARY KEY NOT NULL,
	"unified_addressee_no" text NOT NULL,
	"linked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "addressee_linkage_unified" UNIQUE("unified_addressee_no"),
	CONSTRAINT "addressee_linkage_unified_form" CHECK (unified_addressee_no ~ '^[0-9]{15}$')
);
--> statement-breakpoint
CREATE TABLE "vault"."info_provision_record" (
	"record_id" text PRIMARY KEY NOT NULL,
	"push_request_id" text NOT NULL,
	"inquirer_body_code" text NOT NULL,
	"inquirer_name" text NOT NULL,
	"provider_body_code" text NOT NULL,
	"provider_name" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"provided_at" timestamp with time zone,
	"procedure_code" text NOT NULL,
	"information_name_codes" text[] NOT NULL,
	"item_codes" text[] NOT NULL,
	"permission_id" text,
	"processing_no" text,
	"result_status" text NOT NULL,
	"non_disclosure" boolean NOT NULL,
	"unified_addressee_no" text NOT NULL,
	"audit_sequence" bigint NOT NULL,
	"recorded_on" date NOT NULL,
	"kept_through" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."push_change" (
	"sequence" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."push_change_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"push_request_id" text NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"attempt" integer NOT NULL,
	"receipt_digest" text,
	"next_attempt_at" timestamp with time zone,
	CONSTRAINT "push_change_state_known" CHECK (state in ('ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED',
  'FAILED', 'CANCELLED', 'EXPIRED'))
);
--> statement-breakpoint
CREATE TABLE "vault"."push" (
	"push_request_id" text PRIMARY KEY NOT NULL,
	"procedure" text NOT NULL,
	"vault_ref" text NOT NULL,
	"body_digest" text NOT NULL,
	"refund_id" text,
	"consent_id" text,
	"person_id" text NOT NULL,
	"unit" text NOT NULL,
	"asserted_at" timestamp with time zone NOT NULL,
	"purpose" text NOT NULL,
	"basis" text NOT NULL,
	"case_id" text NOT NULL,
	"message_id" text NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"inquiries" integer DEFAULT 0 NOT NULL,
	"accepted_at" timestamp with time zone NOT NULL,
	"deadline" timestamp with time zone NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"request_ref" text NOT NULL,
	"envelope_ref" text,
	"sent_at" timestamp with time zone,
	"intent_entry" bigint,
	CONSTRAINT "push_message" UNIQUE("message_id"),
	CONSTRAINT "push_state_known" CHECK (state in ('ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED',
  'FAILED', 'CANCELLED', 'EXPIRED')),
	CONSTRAINT "push_procedure_known" CHECK (procedure in ('acquireCode', 'inquireRefundAccount')),
	CONSTRAINT "push_ends" CHECK ((next_attempt_at is null) = (state in ('DONE', 'REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED'))),
	CONSTRAINT "push_refund" CHECK ((procedure = 'inquireRefundAccount') = (refund_id is not null)),
	CONSTRAINT "push_consent" CHECK ((refund_id is null) = (consent_id is null))
);
--> statement-breakpoint
CREATE TABLE "vault"."refund_account" (
	"refund_id" text PRIMARY KEY NOT NULL,
	"push_request_id" text NOT NULL,
	"vault_ref" text NOT NULL,
	"account_ref" text,
	"holder_matches" boolean NOT NULL,
	"obtained_at" timestamp with time zone NOT NULL,
	"taken_by" text,
	"taken_at" timestamp with time zone,
	"payment_id" text,
	"payment_ref" text,
	"confirmed_at" timestamp with time zone,
	"erased_at" timestamp with time zone,
	CONSTRAINT "refund_account_payment" UNIQUE("payment_id"),
	CONSTRAINT "refund_account_taken" CHECK (num_nulls(taken_by, taken_at, payment_id) in (0, 3)),
	CONSTRAINT "refund_account_confirmed" CHECK (confirmed_at is null or taken_at is not null),
	CONSTRAINT "refund_account_erased" CHECK (erased_at is null or (account_ref is null and payment_ref is null))
);
--> statement-breakpoint
CREATE TABLE "vault"."refund_consent_withdrawal" (
	"consent_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"withdrawn_by" text NOT NULL,
	"withdrawn_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."refund_consent" (
	"consent_id" text PRIMARY KEY NOT NULL,
	"vault_ref" text NOT NULL,
	"refund_id" text NOT NULL,
	"channel" text NOT NULL,
	"consented_on" date NOT NULL,
	"evidence_digest" text NOT NULL,
	"recorded_by" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "refund_consent_channel_known" CHECK (channel in ('counter', 'paper', 'online', 'telephone'))
);
--> statement-breakpoint
CREATE TABLE "vault"."spool_item" (
	"item_ref" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"key_id" text NOT NULL,
	"kek_version" integer NOT NULL,
	"wrap_nonce" "bytea" NOT NULL,
	"wrapped_dek" "bytea" NOT NULL,
	"nonce" "bytea" NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"stored_at" timestamp with time zone NOT NULL,
	"erase_after" timestamp with time zone NOT NULL,
	CONSTRAINT "spool_item_ref_form" CHECK (item_ref ~ '^vr_[0-9A-HJKMNP-TV-Z]{26}$'),
	CONSTRAINT "spool_item_kind_known" CHECK (kind in ('request', 'envelope', 'receipt', 'account', 'payment'))
);
--> statement-breakpoint
ALTER TABLE "vault"."key" DROP CONSTRAINT "key_class_known";--> statement-breakpoint
ALTER TABLE "vault"."push_change" ADD CONSTRAINT "push_change_push_request_id_push_push_request_id_fk" FOREIGN KEY ("push_request_id") REFERENCES "vault"."push"("push_request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."refund_account" ADD CONSTRAINT "refund_account_push_request_id_push_push_request_id_fk" FOREIGN KEY ("push_request_id") REFERENCES "vault"."push"("push_request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."refund_consent_withdrawal" ADD CONSTRAINT "refund_consent_withdrawal_consent_id_refund_consent_consent_id_fk" FOREIGN KEY ("consent_id") REFERENCES "vault"."refund_consent"("consent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "info_provision_record_kept" ON "vault"."info_provision_record" USING btree ("kept_through");--> statement-breakpoint
CREATE INDEX "info_provision_record_person" ON "vault"."info_provision_record" USING btree ("unified_addressee_no");--> statement-breakpoint
CREATE INDEX "push_change_of" ON "vault"."push_change" USING btree ("push_request_id","sequence");--> statement-breakpoint
CREATE INDEX "push_due" ON "vault"."push" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX "push_of_number" ON "vault"."push" USING btree ("vault_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "push_one_inquiry_per_refund" ON "vault"."push" USING btree ("refund_id") WHERE refund_id is not null and state not in ('REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED');--> statement-breakpoint
CREATE INDEX "spool_item_due" ON "vault"."spool_item" USING btree ("erase_after");--> statement-breakpoint
CREATE INDEX "spool_item_key" ON "vault"."spool_item" USING btree ("kek_version","item_ref");--> statement-breakpoint
ALTER TABLE "vault"."key" ADD CONSTRAINT "key_class_known" CHECK (class in ('subject', 'index', 'input', 'certificate', 'factor', 'document', 'intermediary', 'spool'));--> statement-breakpoint
-- Numbers that were registered with their unified addressee number before there was a linkage: the first of each.
insert into vault.addressee_linkage (vault_ref, unified_addressee_no, linked_at)
select distinct on (unified_addressee_no) vault_ref, unified_addressee_no, registered_at from vault.number
where state = 'active' and unified_addressee_no is not null
order by unified_addressee_no, registered_at, vault_ref;
--> statement-breakpoint
-- Journals bind even the owner.
create function vault.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is insert-only' using errcode = 'insufficient_privilege';
end $$;
revoke all on function vault.refuse_change() from public;
create trigger kept before update or delete or truncate on vault.push_change for each statement
  execute function vault.refuse_change();
alter table vault.push_change enable always trigger kept;
create trigger kept before update or delete or truncate on vault.refund_consent for each statement
  execute function vault.refuse_change();
alter table vault.refund_consent enable always trigger kept;
create trigger kept before update or delete or truncate on vault.refund_consent_withdrawal for each statement
  execute function vault.refuse_change();
alter table vault.refund_consent_withdrawal enable always trigger kept;
--> statement-breakpoint
-- 情報提供等記録 are kept through their seventh anniversary, whatever clock the vault believes in (番号法施行令 29条).
create function vault.refuse_early_end() returns trigger language plpgsql as $$
begin
  if old.kept_through >= (now() at time zone 'Asia/Tokyo')::date then
    raise exception 'the record must still be kept' using errcode = 'insufficient_privilege';
  end if;
  return old;
end $$;
revoke all on function vault.refuse_early_end() from public;
create trigger kept before update or truncate on vault.info_provision_record for each statement
  execute function vault.refuse_change();
create trigger kept_long before delete on vault.info_provision_record for each row
  execute function vault.refuse_early_end();
alter table vault.info_provision_record enable always trigger kept, enable always trigger kept_long;
--> statement-breakpoint
grant select, insert, update, delete on vault.addressee_linkage to kuramori_vault;
grant select, insert on vault.push_change, vault.refund_consent, vault.refund_consent_withdrawal to kuramori_vault;
grant select, insert, delete on vault.info_provision_record to kuramori_vault;
grant select, insert, update, delete on vault.spool_item to kuramori_vault;
-- What was asked never changes; what became of it does.
grant select, insert, update (state, reason, attempt, inquiries, next_attempt_at, envelope_ref, sent_at, intent_entry)
  on vault.push to kuramori_vault;
grant select, insert, update (account_ref, taken_by, taken_at, payment_id, payment_ref, confirmed_at, erased_at)
  on vault.refund_account to kuramori_vault;
