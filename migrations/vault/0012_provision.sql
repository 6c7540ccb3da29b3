CREATE TABLE "vault"."provision_copy" (
	"record_id" text NOT NULL,
	"vault_ref" text NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "provision_copy_record_id_vault_ref_pk" PRIMARY KEY("record_id","vault_ref")
);
--> statement-breakpoint
CREATE TABLE "vault"."provision_message" (
	"message_id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"body_digest" text NOT NULL,
	"person_id" text NOT NULL,
	"subjects" text[] NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"accepted_at" timestamp with time zone NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"envelope_refs" text[],
	"receipt_refs" text[],
	"receipt_digest" text,
	"sent_at" timestamp with time zone,
	CONSTRAINT "provision_message_kind_known" CHECK (kind in ('copy.register', 'copy.delete', 'provision.decide')),
	CONSTRAINT "provision_message_state_known" CHECK (state in ('ACCEPTED', 'SENDING', 'INDETERMINATE', 'RETRY_WAIT', 'DONE', 'REFUSED', 'FAILED'))
);
--> statement-breakpoint
CREATE TABLE "vault"."provision_switch" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."provision_switch_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"is_on" boolean NOT NULL,
	"basis" text,
	"first_approval" text,
	"second_approval" text,
	"reason" text NOT NULL,
	"switched_by" text NOT NULL,
	"switched_at" timestamp with time zone NOT NULL,
	CONSTRAINT "provision_switch_approved" CHECK ((is_on and num_nulls(basis, first_approval, second_approval) = 0)
    or (not is_on and num_nulls(basis, first_approval, second_approval) = 3))
);

--> statement-breakpoint
-- Written by hand from here on: who let information be given, on which ground, binds even the owner.
create trigger kept before update or delete or truncate on vault.provision_switch for each statement
  execute function vault.refuse_change();
alter table vault.provision_switch enable always trigger kept;
grant select, insert on vault.provision_switch to kuramori_vault;
-- Whose a record is stays as it was written, too.
create trigger kept before update or delete or truncate on vault.provision_copy for each statement
  execute function vault.refuse_change();
alter table vault.provision_copy enable always trigger kept;
grant select, insert on vault.provision_copy to kuramori_vault;
-- What was asked never changes; what became of it does.
grant select, insert, update (state, reason, attempt, next_attempt_at, envelope_refs, receipt_refs, receipt_digest,
  sent_at) on vault.provision_message to kuramori_vault;
