CREATE TABLE "vault"."transfer_carry" (
	"carry_id" text PRIMARY KEY NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "vault"."transfer_carry_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"package_id" text NOT NULL,
	"medium_type" text NOT NULL,
	"serial_no" text NOT NULL,
	"label" text NOT NULL,
	"seal_no" text NOT NULL,
	"case_lock_no" text NOT NULL,
	"written_at" timestamp with time zone NOT NULL,
	"written_by" text NOT NULL,
	"read_back_digest" text NOT NULL,
	"first_carrier" text NOT NULL,
	"second_carrier" text NOT NULL,
	"purpose" text NOT NULL,
	"from_place" text NOT NULL,
	"to_place" text NOT NULL,
	"transport" text NOT NULL,
	"left_at" timestamp with time zone NOT NULL,
	"expected_at" timestamp with time zone NOT NULL,
	"approval_id" text NOT NULL,
	CONSTRAINT "transfer_carry_medium" CHECK (medium_type in ('DVD_R', 'BD_R', 'LTO', 'HDD_ENCRYPTED')),
	CONSTRAINT "transfer_carry_two_carriers" CHECK (first_carrier <> second_carrier)
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_carry_event" (
	"carry_id" text NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"entered_by" text NOT NULL,
	"details" jsonb NOT NULL,
	CONSTRAINT "transfer_carry_event_carry_id_kind_pk" PRIMARY KEY("carry_id","kind"),
	CONSTRAINT "transfer_carry_event_known" CHECK (kind in ('arrived', 'returned', 'destroyed', 'sealBroken', 'lost', 'overdue'))
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_case" (
	"package_id" text NOT NULL,
	"case_no" text NOT NULL,
	"addressee_no" text NOT NULL,
	CONSTRAINT "transfer_case_package_id_case_no_pk" PRIMARY KEY("package_id","case_no")
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_completion" (
	"package_id" text PRIMARY KEY NOT NULL,
	"draft_digest" text NOT NULL,
	"counted" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_conversion" (
	"conversion_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."transfer_conversion_conversion_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"package_id" text NOT NULL,
	"converter" text NOT NULL,
	"version" text NOT NULL,
	"input_digest" text NOT NULL,
	"output_digest" text NOT NULL,
	"erasure_proof" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_delta" (
	"package_id" text NOT NULL,
	"delta_no" integer NOT NULL,
	"signed" text NOT NULL,
	"digest" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_delta_package_id_delta_no_pk" PRIMARY KEY("package_id","delta_no")
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_delta_sent" (
	"package_id" text NOT NULL,
	"delta_no" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_delta_sent_package_id_delta_no_pk" PRIMARY KEY("package_id","delta_no")
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_draft" (
	"package_id" text PRIMARY KEY NOT NULL,
	"announced" jsonb NOT NULL,
	"opened_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_erasure" (
	"package_id" text PRIMARY KEY NOT NULL,
	"signed" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_outcome" (
	"package_id" text NOT NULL,
	"case_no" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	CONSTRAINT "transfer_outcome_package_id_case_no_pk" PRIMARY KEY("package_id","case_no")
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_package" (
	"package_id" text PRIMARY KEY NOT NULL,
	"recipient" text NOT NULL,
	"series_no" integer NOT NULL,
	"manifest" text NOT NULL,
	"subjects" jsonb,
	"assembled_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_receipt" (
	"package_id" text NOT NULL,
	"kind" text NOT NULL,
	"digest" text NOT NULL,
	"signed" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_receipt_package_id_kind_pk" PRIMARY KEY("package_id","kind")
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_result" (
	"result_id" text PRIMARY KEY NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "vault"."transfer_result_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"package_id" text NOT NULL,
	"sender" text NOT NULL,
	"series_no" integer NOT NULL,
	"sha256" text NOT NULL,
	"manifest" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_revocation" (
	"fingerprint" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"entered_by" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_sealed" (
	"package_id" text PRIMARY KEY NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"outer_record" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_setting" (
	"setting_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."transfer_setting_setting_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"signed" text NOT NULL,
	"approval_id" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_setting_kind_known" CHECK (kind in ('recipient', 'profile', 'basis', 'round', 'converter')),
	CONSTRAINT "transfer_setting_period" CHECK (valid_to is null or valid_to >= valid_from)
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_spool" (
	"spool_id" text PRIMARY KEY NOT NULL,
	"owner_kind" text NOT NULL,
	"owner" text NOT NULL,
	"file_name" text NOT NULL,
	"rows" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"key_id" text NOT NULL,
	"wrap_nonce" "bytea" NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_spool_owner_known" CHECK (owner_kind in ('draft', 'result'))
);
--> statement-breakpoint
CREATE TABLE "vault"."transfer_state" (
	"package_id" text NOT NULL,
	"step" integer NOT NULL,
	"state" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "transfer_state_package_id_step_pk" PRIMARY KEY("package_id","step")
);
--> statement-breakpoint
ALTER TABLE "vault"."key" DROP CONSTRAINT "key_class_known";--> statement-breakpoint
ALTER TABLE "vault"."transfer_carry" ADD CONSTRAINT "transfer_carry_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_carry_event" ADD CONSTRAINT "transfer_carry_event_carry_id_transfer_carry_carry_id_fk" FOREIGN KEY ("carry_id") REFERENCES "vault"."transfer_carry"("carry_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_case" ADD CONSTRAINT "transfer_case_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_completion" ADD CONSTRAINT "transfer_completion_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_conversion" ADD CONSTRAINT "transfer_conversion_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_delta" ADD CONSTRAINT "transfer_delta_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_delta_sent" ADD CONSTRAINT "transfer_delta_sent_delta" FOREIGN KEY ("package_id","delta_no") REFERENCES "vault"."transfer_delta"("package_id","delta_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_erasure" ADD CONSTRAINT "transfer_erasure_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_outcome" ADD CONSTRAINT "transfer_outcome_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_package" ADD CONSTRAINT "transfer_package_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_receipt" ADD CONSTRAINT "transfer_receipt_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_result" ADD CONSTRAINT "transfer_result_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_sealed" ADD CONSTRAINT "transfer_sealed_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."transfer_state" ADD CONSTRAINT "transfer_state_package_id_transfer_draft_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_draft"("package_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "transfer_carry_package" ON "vault"."transfer_carry" USING btree ("package_id");--> statement-breakpoint
CREATE INDEX "transfer_conversion_package" ON "vault"."transfer_conversion" USING btree ("package_id");--> statement-breakpoint
CREATE INDEX "transfer_package_series" ON "vault"."transfer_package" USING btree ("recipient","series_no");--> statement-breakpoint
CREATE UNIQUE INDEX "transfer_result_series" ON "vault"."transfer_result" USING btree ("sender","series_no");--> statement-breakpoint
CREATE INDEX "transfer_setting_name" ON "vault"."transfer_setting" USING btree ("kind","name","setting_id");--> statement-breakpoint
CREATE UNIQUE INDEX "transfer_spool_file" ON "vault"."transfer_spool" USING btree ("owner","file_name");--> statement-breakpoint
CREATE INDEX "transfer_state_at" ON "vault"."transfer_state" USING btree ("at");--> statement-breakpoint
ALTER TABLE "vault"."key" ADD CONSTRAINT "key_class_known" CHECK (class in ('subject', 'index', 'input', 'certificate', 'factor', 'document', 'intermediary', 'spool', 'file',
        'transfer', 'result'));--> statement-breakpoint
-- Least privilege: the journals of transfers are read and written at their end; of the spool alone rows go again.
grant select, insert on vault.transfer_setting, vault.transfer_revocation, vault.transfer_draft, vault.transfer_case,
  vault.transfer_completion, vault.transfer_package, vault.transfer_sealed, vault.transfer_state,
  vault.transfer_receipt, vault.transfer_outcome, vault.transfer_carry, vault.transfer_carry_event,
  vault.transfer_delta, vault.transfer_delta_sent, vault.transfer_result, vault.transfer_erasure,
  vault.transfer_conversion to kuramori_vault;
grant select, insert, update, delete on vault.transfer_spool to kuramori_vault;
--> statement-breakpoint
-- What was written stays as it was written, for the owner too.
do $$ declare journal text; begin
  foreach journal in array array['setting', 'revocation', 'draft', 'case', 'completion', 'package', 'sealed', 'state',
    'receipt', 'outcome', 'carry', 'carry_event', 'delta', 'delta_sent', 'result', 'erasure', 'conversion'] loop
    execute format('create trigger transfer_%1$s_stays before update or delete or truncate on vault.transfer_%1$s
      for each statement execute function vault.refuse_change()', journal);
    execute format('alter table vault.transfer_%1$s enable always trigger transfer_%1$s_stays', journal);
  end loop;
end $$;
