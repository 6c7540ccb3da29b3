CREATE SCHEMA "records";
--> statement-breakpoint
CREATE TABLE "records"."addressee_version" (
	"addressee_no" text NOT NULL,
	"version_no" integer NOT NULL,
	"valid_from" date NOT NULL,
	"change_id" bigint NOT NULL,
	"name" text NOT NULL,
	"kana" text NOT NULL,
	"official_kana" text,
	"alias" text,
	"former_surname" text,
	"birth_date" date,
	"sex" text,
	"residence" text NOT NULL,
	"postal_code" text,
	"address" text NOT NULL,
	"phone" text,
	"email" text,
	"household_no" text,
	"relationship" text,
	"died_on" date,
	"moved_out_on" date,
	CONSTRAINT "addressee_version_addressee_no_version_no_pk" PRIMARY KEY("addressee_no","version_no")
);
--> statement-breakpoint
CREATE TABLE "records"."addressee" (
	"addressee_no" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"unified_addressee_no" text,
	"vault_ref" text,
	"corporate_no" text,
	"payroll_agent_no" text,
	"branch_code" text NOT NULL,
	"merged_into" text,
	"name" text NOT NULL,
	"kana" text NOT NULL,
	"official_kana" text,
	"alias" text,
	"former_surname" text,
	"birth_date" date,
	"sex" text,
	"residence" text NOT NULL,
	"postal_code" text,
	"address" text NOT NULL,
	"phone" text,
	"email" text,
	"household_no" text,
	"relationship" text,
	"died_on" date,
	"moved_out_on" date,
	"name_folded" text NOT NULL,
	"kana_folded" text NOT NULL,
	"address_folded" text NOT NULL,
	"version_no" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "addressee_unified_addressee_no_unique" UNIQUE("unified_addressee_no"),
	CONSTRAINT "addressee_vault_ref_unique" UNIQUE("vault_ref")
);
--> statement-breakpoint
CREATE TABLE "records"."co_owner" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."co_owner_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"joint_no" text NOT NULL,
	"member_no" text NOT NULL,
	"share_numerator" integer NOT NULL,
	"share_denominator" integer NOT NULL,
	"representative" boolean DEFAULT false NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."debit_account" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."debit_account_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"tax_item" text,
	"bank_code" text NOT NULL,
	"bank_branch_code" text NOT NULL,
	"account_type" text NOT NULL,
	"account_no" text NOT NULL,
	"holder_kana" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."household" (
	"household_no" text PRIMARY KEY NOT NULL,
	"householder_no" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."mailing_address" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."mailing_address_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"tax_item" text,
	"recipient" text NOT NULL,
	"postal_code" text,
	"address" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."protection_reach" (
	"protection_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date NOT NULL,
	CONSTRAINT "protection_reach_protection_id_addressee_no_pk" PRIMARY KEY("protection_id","addressee_no")
);
--> statement-breakpoint
CREATE TABLE "records"."protection_staff" (
	"protection_id" bigint NOT NULL,
	"staff_id" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "protection_staff_protection_id_staff_id_pk" PRIMARY KEY("protection_id","staff_id")
);
--> statement-breakpoint
CREATE TABLE "records"."protection" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."protection_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."tax_manager" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."tax_manager_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"manager_no" text NOT NULL,
	"kind" text NOT NULL,
	"tax_item" text,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."change" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_id" text NOT NULL,
	"purpose" text NOT NULL,
	"case_ref" text,
	"request_id" uuid NOT NULL,
	"action" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."idempotency_key" (
	"actor_id" text NOT NULL,
	"key" text NOT NULL,
	"action" text NOT NULL,
	"input_digest" text NOT NULL,
	"outcome" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."asset" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."asset_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"asset_class" text NOT NULL,
	"description" text NOT NULL,
	"institution" text,
	"estimated_value" bigint,
	"found_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."case_closing" (
	"case_id" bigint PRIMARY KEY NOT NULL,
	"closed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."contact_record" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."contact_record_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"case_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"contacted_at" timestamp with time zone NOT NULL,
	"method" text NOT NULL,
	"counterpart" text NOT NULL,
	"summary" text NOT NULL,
	"next_action_on" date,
	"recorded_by" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."delinquency_case" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."delinquency_case_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"case_no" text NOT NULL,
	"addressee_no" text NOT NULL,
	"officer_id" text NOT NULL,
	"district" text NOT NULL,
	"opened_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "delinquency_case_case_no_unique" UNIQUE("case_no")
);
--> statement-breakpoint
CREATE TABLE "records"."disposition_claim" (
	"disposition_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "disposition_claim_disposition_id_levy_id_pk" PRIMARY KEY("disposition_id","levy_id"),
	CONSTRAINT "disposition_claim_amount_exact" CHECK ("records"."disposition_claim"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."disposition_end" (
	"disposition_id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"ended_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."disposition" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."disposition_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"case_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"kind" text NOT NULL,
	"asset_class" text NOT NULL,
	"object" text NOT NULL,
	"third_party" text,
	"executed_on" date NOT NULL,
	"served_on_third_party" date,
	"served_on_debtor" date,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."execution_stay" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."execution_stay_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"ground" text NOT NULL,
	"decided_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."stay_cancellation" (
	"stay_id" bigint PRIMARY KEY NOT NULL,
	"cancelled_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."levy_adjustment" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."levy_adjustment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"tax_delta" bigint NOT NULL,
	"reason" text NOT NULL,
	"decided_on" date NOT NULL,
	"notified_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "levy_adjustment_tax_delta_exact" CHECK ("records"."levy_adjustment"."tax_delta" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."levy_balance" (
	"levy_id" bigint PRIMARY KEY NOT NULL,
	"addressee_no" text NOT NULL,
	"levied" bigint NOT NULL,
	"received" bigint DEFAULT 0 NOT NULL,
	"offset_in" bigint DEFAULT 0 NOT NULL,
	"written_off" bigint DEFAULT 0 NOT NULL,
	"tax_outstanding" bigint NOT NULL,
	"reminder_fee_outstanding" bigint DEFAULT 0 NOT NULL,
	"late_charge_outstanding" bigint DEFAULT 0 NOT NULL,
	"penalty_outstanding" bigint DEFAULT 0 NOT NULL,
	"disposition_cost_outstanding" bigint DEFAULT 0 NOT NULL,
	"last_paid_on" date,
	"settled" boolean GENERATED ALWAYS AS (tax_outstanding <= 0 and reminder_fee_outstanding <= 0 and late_charge_outstanding <= 0 and penalty_outstanding <= 0 and disposition_cost_outstanding <= 0) STORED NOT NULL,
	"entries" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "levy_balance_levied_exact" CHECK ("records"."levy_balance"."levied" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "levy_balance_received_exact" CHECK ("records"."levy_balance"."received" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."levy_charge" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."levy_charge_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "levy_charge_amount_exact" CHECK ("records"."levy_charge"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."levy_line" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."levy_line_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"municipality_code" text NOT NULL,
	"former_municipality_code" text DEFAULT '' NOT NULL,
	"assessment_year" smallint NOT NULL,
	"tax_year" smallint NOT NULL,
	"levy_fiscal_year" smallint NOT NULL,
	"notice_no" text NOT NULL,
	"tax_item" text NOT NULL,
	"payroll_agent_no" text DEFAULT '' NOT NULL,
	"instalment_no" smallint NOT NULL,
	"return_no" smallint DEFAULT 0 NOT NULL,
	"business_year_no" smallint DEFAULT 0 NOT NULL,
	"child_addressee_no" text DEFAULT '' NOT NULL,
	"addressee_no" text NOT NULL,
	"tax_amount" bigint NOT NULL,
	"nominal_due_on" date NOT NULL,
	"due_on" date NOT NULL,
	"statutory_due_on" date NOT NULL,
	"priority_on" date NOT NULL,
	"decided_on" date NOT NULL,
	"notified_on" date NOT NULL,
	"payment_no" text DEFAULT '' NOT NULL,
	"confirmation_no" text DEFAULT '' NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "levy_line_key" UNIQUE("notice_no","tax_item","instalment_no","assessment_year","tax_year","payroll_agent_no","return_no","business_year_no","child_addressee_no","municipality_code","former_municipality_code"),
	CONSTRAINT "levy_line_tax_amount_exact" CHECK ("records"."levy_line"."tax_amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "levy_line_amount_positive" CHECK ("records"."levy_line"."tax_amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "records"."reminder" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."reminder_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"sent_on" date NOT NULL,
	"returned_on" date,
	"change_id" bigint NOT NULL,
	CONSTRAINT "reminder_levy_id_unique" UNIQUE("levy_id")
);
--> statement-breakpoint
CREATE TABLE "records"."write_off" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."write_off_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"cause" text NOT NULL,
	"written_off_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "write_off_amount_exact" CHECK ("records"."write_off"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."holiday" (
	"on_day" date PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."municipality" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."tax_item" (
	"code" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"name" text NOT NULL,
	"legal_family" text NOT NULL,
	"allocation_order" smallint NOT NULL,
	CONSTRAINT "tax_item_identifier_unique" UNIQUE("identifier")
);
--> statement-breakpoint
CREATE TABLE "records"."yearly_rate" (
	"year" integer PRIMARY KEY NOT NULL,
	"late_rate_first_tenths" integer NOT NULL,
	"late_rate_after_tenths" integer NOT NULL,
	"refund_interest_tenths" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."allocation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."allocation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"levy_id" bigint NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"receipt_id" bigint,
	"offset_id" bigint,
	"effective_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "allocation_amount_exact" CHECK ("records"."allocation"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "allocation_one_origin" CHECK (num_nonnulls(receipt_id, offset_id) = 1)
);
--> statement-breakpoint
CREATE TABLE "records"."loaded_file" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."loaded_file_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"sha256" text NOT NULL,
	"kind" text NOT NULL,
	"layout_id" text NOT NULL,
	"layout_version" smallint NOT NULL,
	"byte_count" bigint NOT NULL,
	"outcome" jsonb NOT NULL,
	"loaded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "loaded_file_sha256_unique" UNIQUE("sha256")
);
--> statement-breakpoint
CREATE TABLE "records"."receipt" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."receipt_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"source" text NOT NULL,
	"file_id" bigint,
	"record_no" integer,
	"tax_item" text,
	"levy_fiscal_year" smallint,
	"instalment_no" smallint,
	"notice_no" text,
	"billed_amount" bigint,
	"tax_amount" bigint NOT NULL,
	"late_charge_amount" bigint DEFAULT 0 NOT NULL,
	"amount" bigint GENERATED ALWAYS AS (tax_amount + late_charge_amount) STORED NOT NULL,
	"collecting_bank" text,
	"channel" text NOT NULL,
	"paid_on" date NOT NULL,
	"received_on" date NOT NULL,
	"booked_on" date NOT NULL,
	"addressee_no" text,
	"levy_id" bigint,
	"match_rule" text NOT NULL,
	"reverses_id" bigint,
	"change_id" bigint NOT NULL,
	CONSTRAINT "receipt_reverses_id_unique" UNIQUE("reverses_id"),
	CONSTRAINT "receipt_file_record" UNIQUE("file_id","record_no"),
	CONSTRAINT "receipt_tax_amount_exact" CHECK ("records"."receipt"."tax_amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "receipt_late_charge_amount_exact" CHECK ("records"."receipt"."late_charge_amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."set_aside_record" (
	"file_id" bigint NOT NULL,
	"record_no" integer NOT NULL,
	"code" text NOT NULL,
	"field" text,
	"content" "bytea" NOT NULL,
	CONSTRAINT "set_aside_record_file_id_record_no_pk" PRIMARY KEY("file_id","record_no")
);
--> statement-breakpoint
CREATE TABLE "records"."unidentified_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."unidentified_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"receipt_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "unidentified_entry_amount_exact" CHECK ("records"."unidentified_entry"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."offset_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."offset_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"overpayment_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"offset_ready_on" date NOT NULL,
	"booked_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "offset_entry_amount_exact" CHECK ("records"."offset_entry"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."overpayment" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."overpayment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"levy_id" bigint,
	"receipt_id" bigint NOT NULL,
	"cause" text NOT NULL,
	"amount" bigint NOT NULL,
	"arose_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "overpayment_amount_exact" CHECK ("records"."overpayment"."amount" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."refund_decision" (
	"refund_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."refund_payment" (
	"refund_id" bigint PRIMARY KEY NOT NULL,
	"paid_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."refund" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."refund_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"overpayment_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"amount" bigint NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "refund_amount_exact" CHECK ("records"."refund"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "refund_amount_positive" CHECK ("records"."refund"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "records"."addressee_version" ADD CONSTRAINT "addressee_version_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."co_owner" ADD CONSTRAINT "co_owner_joint_no_addressee_addressee_no_fk" FOREIGN KEY ("joint_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."co_owner" ADD CONSTRAINT "co_owner_member_no_addressee_addressee_no_fk" FOREIGN KEY ("member_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."co_owner" ADD CONSTRAINT "co_owner_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."debit_account" ADD CONSTRAINT "debit_account_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."debit_account" ADD CONSTRAINT "debit_account_tax_item_tax_item_code_fk" FOREIGN KEY ("tax_item") REFERENCES "records"."tax_item"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."debit_account" ADD CONSTRAINT "debit_account_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."mailing_address" ADD CONSTRAINT "mailing_address_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."mailing_address" ADD CONSTRAINT "mailing_address_tax_item_tax_item_code_fk" FOREIGN KEY ("tax_item") REFERENCES "records"."tax_item"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."mailing_address" ADD CONSTRAINT "mailing_address_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection_reach" ADD CONSTRAINT "protection_reach_protection_id_protection_id_fk" FOREIGN KEY ("protection_id") REFERENCES "records"."protection"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection_reach" ADD CONSTRAINT "protection_reach_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection_staff" ADD CONSTRAINT "protection_staff_protection_id_protection_id_fk" FOREIGN KEY ("protection_id") REFERENCES "records"."protection"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection_staff" ADD CONSTRAINT "protection_staff_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection" ADD CONSTRAINT "protection_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."protection" ADD CONSTRAINT "protection_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."tax_manager" ADD CONSTRAINT "tax_manager_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."tax_manager" ADD CONSTRAINT "tax_manager_manager_no_addressee_addressee_no_fk" FOREIGN KEY ("manager_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."tax_manager" ADD CONSTRAINT "tax_manager_tax_item_tax_item_code_fk" FOREIGN KEY ("tax_item") REFERENCES "records"."tax_item"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."tax_manager" ADD CONSTRAINT "tax_manager_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."asset" ADD CONSTRAINT "asset_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."asset" ADD CONSTRAINT "asset_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."case_closing" ADD CONSTRAINT "case_closing_case_id_delinquency_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "records"."delinquency_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."case_closing" ADD CONSTRAINT "case_closing_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."contact_record" ADD CONSTRAINT "contact_record_case_id_delinquency_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "records"."delinquency_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."contact_record" ADD CONSTRAINT "contact_record_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."contact_record" ADD CONSTRAINT "contact_record_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."delinquency_case" ADD CONSTRAINT "delinquency_case_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."delinquency_case" ADD CONSTRAINT "delinquency_case_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition_claim" ADD CONSTRAINT "disposition_claim_disposition_id_disposition_id_fk" FOREIGN KEY ("disposition_id") REFERENCES "records"."disposition"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition_claim" ADD CONSTRAINT "disposition_claim_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition_end" ADD CONSTRAINT "disposition_end_disposition_id_disposition_id_fk" FOREIGN KEY ("disposition_id") REFERENCES "records"."disposition"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition_end" ADD CONSTRAINT "disposition_end_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD CONSTRAINT "disposition_case_id_delinquency_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "records"."delinquency_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD CONSTRAINT "disposition_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD CONSTRAINT "disposition_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."execution_stay" ADD CONSTRAINT "execution_stay_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."execution_stay" ADD CONSTRAINT "execution_stay_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."execution_stay" ADD CONSTRAINT "execution_stay_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_cancellation" ADD CONSTRAINT "stay_cancellation_stay_id_execution_stay_id_fk" FOREIGN KEY ("stay_id") REFERENCES "records"."execution_stay"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_cancellation" ADD CONSTRAINT "stay_cancellation_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_adjustment" ADD CONSTRAINT "levy_adjustment_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_adjustment" ADD CONSTRAINT "levy_adjustment_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_charge" ADD CONSTRAINT "levy_charge_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_charge" ADD CONSTRAINT "levy_charge_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_line" ADD CONSTRAINT "levy_line_tax_item_tax_item_code_fk" FOREIGN KEY ("tax_item") REFERENCES "records"."tax_item"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_line" ADD CONSTRAINT "levy_line_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."levy_line" ADD CONSTRAINT "levy_line_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."reminder" ADD CONSTRAINT "reminder_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."reminder" ADD CONSTRAINT "reminder_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off" ADD CONSTRAINT "write_off_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off" ADD CONSTRAINT "write_off_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."allocation" ADD CONSTRAINT "allocation_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."allocation" ADD CONSTRAINT "allocation_receipt_id_receipt_id_fk" FOREIGN KEY ("receipt_id") REFERENCES "records"."receipt"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."allocation" ADD CONSTRAINT "allocation_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."loaded_file" ADD CONSTRAINT "loaded_file_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."receipt" ADD CONSTRAINT "receipt_file_id_loaded_file_id_fk" FOREIGN KEY ("file_id") REFERENCES "records"."loaded_file"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."receipt" ADD CONSTRAINT "receipt_tax_item_tax_item_code_fk" FOREIGN KEY ("tax_item") REFERENCES "records"."tax_item"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."receipt" ADD CONSTRAINT "receipt_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."receipt" ADD CONSTRAINT "receipt_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."receipt" ADD CONSTRAINT "receipt_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."set_aside_record" ADD CONSTRAINT "set_aside_record_file_id_loaded_file_id_fk" FOREIGN KEY ("file_id") REFERENCES "records"."loaded_file"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."unidentified_entry" ADD CONSTRAINT "unidentified_entry_receipt_id_receipt_id_fk" FOREIGN KEY ("receipt_id") REFERENCES "records"."receipt"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."unidentified_entry" ADD CONSTRAINT "unidentified_entry_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."offset_entry" ADD CONSTRAINT "offset_entry_overpayment_id_overpayment_id_fk" FOREIGN KEY ("overpayment_id") REFERENCES "records"."overpayment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."offset_entry" ADD CONSTRAINT "offset_entry_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."offset_entry" ADD CONSTRAINT "offset_entry_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."overpayment" ADD CONSTRAINT "overpayment_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."overpayment" ADD CONSTRAINT "overpayment_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."overpayment" ADD CONSTRAINT "overpayment_receipt_id_receipt_id_fk" FOREIGN KEY ("receipt_id") REFERENCES "records"."receipt"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."overpayment" ADD CONSTRAINT "overpayment_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund_decision" ADD CONSTRAINT "refund_decision_refund_id_refund_id_fk" FOREIGN KEY ("refund_id") REFERENCES "records"."refund"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund_decision" ADD CONSTRAINT "refund_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund_payment" ADD CONSTRAINT "refund_payment_refund_id_refund_decision_refund_id_fk" FOREIGN KEY ("refund_id") REFERENCES "records"."refund_decision"("refund_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund_payment" ADD CONSTRAINT "refund_payment_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund" ADD CONSTRAINT "refund_overpayment_id_overpayment_id_fk" FOREIGN KEY ("overpayment_id") REFERENCES "records"."overpayment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund" ADD CONSTRAINT "refund_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."refund" ADD CONSTRAINT "refund_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "addressee_kana" ON "records"."addressee" USING btree ("kana_folded" text_pattern_ops,"addressee_no");--> statement-breakpoint
CREATE INDEX "addressee_name" ON "records"."addressee" USING btree ("name_folded" text_pattern_ops,"addressee_no");--> statement-breakpoint
CREATE INDEX "addressee_address" ON "records"."addressee" USING btree ("address_folded" text_pattern_ops,"addressee_no");--> statement-breakpoint
CREATE INDEX "addressee_birth" ON "records"."addressee" USING btree ("birth_date","addressee_no");--> statement-breakpoint
CREATE INDEX "addressee_household" ON "records"."addressee" USING btree ("household_no") WHERE household_no is not null;--> statement-breakpoint
CREATE INDEX "addressee_corporate" ON "records"."addressee" USING btree ("corporate_no") WHERE corporate_no is not null;--> statement-breakpoint
CREATE INDEX "addressee_payroll" ON "records"."addressee" USING btree ("payroll_agent_no") WHERE payroll_agent_no is not null;--> statement-breakpoint
CREATE INDEX "co_owner_joint" ON "records"."co_owner" USING btree ("joint_no");--> statement-breakpoint
CREATE INDEX "co_owner_member" ON "records"."co_owner" USING btree ("member_no");--> statement-breakpoint
CREATE INDEX "debit_account_addressee" ON "records"."debit_account" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "mailing_address_addressee" ON "records"."mailing_address" USING btree ("addressee_no");--> statement-breakpoint
CREATE UNIQUE INDEX "protection_reach_addressee" ON "records"."protection_reach" USING btree ("addressee_no","protection_id");--> statement-breakpoint
CREATE INDEX "protection_addressee" ON "records"."protection" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "tax_manager_addressee" ON "records"."tax_manager" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "idempotency_key_at" ON "records"."idempotency_key" USING btree ("at");--> statement-breakpoint
CREATE INDEX "asset_addressee" ON "records"."asset" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "contact_record_case" ON "records"."contact_record" USING btree ("case_id","contacted_at","id");--> statement-breakpoint
CREATE INDEX "delinquency_case_addressee" ON "records"."delinquency_case" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "delinquency_case_officer" ON "records"."delinquency_case" USING btree ("officer_id","id");--> statement-breakpoint
CREATE INDEX "disposition_claim_levy" ON "records"."disposition_claim" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "disposition_case" ON "records"."disposition" USING btree ("case_id");--> statement-breakpoint
CREATE INDEX "disposition_addressee" ON "records"."disposition" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "execution_stay_addressee" ON "records"."execution_stay" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "execution_stay_levy" ON "records"."execution_stay" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "levy_adjustment_levy" ON "records"."levy_adjustment" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "levy_balance_open" ON "records"."levy_balance" USING btree ("addressee_no") WHERE tax_outstanding > 0;--> statement-breakpoint
CREATE INDEX "levy_charge_levy" ON "records"."levy_charge" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "levy_line_addressee" ON "records"."levy_line" USING btree ("addressee_no","levy_fiscal_year","tax_item","instalment_no","id");--> statement-breakpoint
CREATE INDEX "levy_line_payment_no" ON "records"."levy_line" USING btree ("payment_no") WHERE payment_no <> '';--> statement-breakpoint
CREATE INDEX "levy_line_payroll" ON "records"."levy_line" USING btree ("payroll_agent_no","levy_fiscal_year","instalment_no") WHERE payroll_agent_no <> '';--> statement-breakpoint
CREATE INDEX "write_off_levy" ON "records"."write_off" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "allocation_levy" ON "records"."allocation" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "allocation_receipt" ON "records"."allocation" USING btree ("receipt_id");--> statement-breakpoint
CREATE INDEX "receipt_addressee" ON "records"."receipt" USING btree ("addressee_no","paid_on","id");--> statement-breakpoint
CREATE INDEX "receipt_levy" ON "records"."receipt" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "unidentified_entry_receipt" ON "records"."unidentified_entry" USING btree ("receipt_id");--> statement-breakpoint
CREATE INDEX "offset_entry_overpayment" ON "records"."offset_entry" USING btree ("overpayment_id");--> statement-breakpoint
CREATE INDEX "overpayment_addressee" ON "records"."overpayment" USING btree ("addressee_no","id");--> statement-breakpoint
CREATE INDEX "overpayment_receipt" ON "records"."overpayment" USING btree ("receipt_id");--> statement-breakpoint
CREATE INDEX "refund_overpayment" ON "records"."refund" USING btree ("overpayment_id");--> statement-breakpoint
CREATE INDEX "refund_addressee" ON "records"."refund" USING btree ("addressee_no","id");