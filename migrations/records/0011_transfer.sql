CREATE TABLE "records"."transfer_case" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_case_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"round_id" bigint NOT NULL,
	"case_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"rank" integer NOT NULL,
	"reason" text NOT NULL,
	"line_count" integer NOT NULL,
	"unpaid" bigint NOT NULL,
	"late_charge_fixed" bigint NOT NULL,
	"fees" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_case_once" UNIQUE("round_id","case_id"),
	CONSTRAINT "transfer_case_unpaid_exact" CHECK ("records"."transfer_case"."unpaid" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_case_late_charge_fixed_exact" CHECK ("records"."transfer_case"."late_charge_fixed" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_case_fees_exact" CHECK ("records"."transfer_case"."fees" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_freeze" (
	"round_id" bigint PRIMARY KEY NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"draft_id" uuid NOT NULL,
	"case_count" integer NOT NULL,
	"line_count" integer NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_freeze_draft_id_unique" UNIQUE("draft_id")
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_line" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_line_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"transfer_id" bigint NOT NULL,
	"line_no" integer NOT NULL,
	"levy_id" bigint NOT NULL,
	"assessed" bigint NOT NULL,
	"paid" bigint NOT NULL,
	"reduced" bigint NOT NULL,
	"unpaid" bigint NOT NULL,
	"late_charge_fixed" bigint NOT NULL,
	"late_charge_from" date,
	"reminder_fee" bigint NOT NULL,
	"disposition_cost" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_line_no" UNIQUE("transfer_id","line_no"),
	CONSTRAINT "transfer_line_assessed_exact" CHECK ("records"."transfer_line"."assessed" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_paid_exact" CHECK ("records"."transfer_line"."paid" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_reduced_exact" CHECK ("records"."transfer_line"."reduced" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_late_charge_fixed_exact" CHECK ("records"."transfer_line"."late_charge_fixed" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_reminder_fee_exact" CHECK ("records"."transfer_line"."reminder_fee" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_disposition_cost_exact" CHECK ("records"."transfer_line"."disposition_cost" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_line_balance" CHECK ("records"."transfer_line"."unpaid" = "records"."transfer_line"."assessed" - "records"."transfer_line"."paid" - "records"."transfer_line"."reduced"),
	CONSTRAINT "transfer_line_positive" CHECK (least("records"."transfer_line"."assessed", "records"."transfer_line"."paid", "records"."transfer_line"."reduced", "records"."transfer_line"."unpaid", "records"."transfer_line"."late_charge_fixed", "records"."transfer_line"."reminder_fee",
        "records"."transfer_line"."disposition_cost") >= 0)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_notice" (
	"transfer_id" bigint PRIMARY KEY NOT NULL,
	"issued_on" date NOT NULL,
	"pay_by" date NOT NULL,
	"unpaid" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_notice_unpaid_exact" CHECK ("records"."transfer_notice"."unpaid" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_package_state" (
	"round_id" bigint NOT NULL,
	"state" text NOT NULL,
	"package_id" uuid,
	"learned_at" timestamp with time zone NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_package_state_round_id_state_pk" PRIMARY KEY("round_id","state")
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_round_approval" (
	"round_id" bigint PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"approved_by" text NOT NULL,
	"approved_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_round" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_round_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"round_no" text NOT NULL,
	"fiscal_year" smallint NOT NULL,
	"serial_no" smallint NOT NULL,
	"month" smallint NOT NULL,
	"quota" integer NOT NULL,
	"recipient_code" text NOT NULL,
	"configuration" jsonb NOT NULL,
	"digest" text NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_round_round_no_unique" UNIQUE("round_no"),
	CONSTRAINT "transfer_round_serial" UNIQUE("fiscal_year","serial_no"),
	CONSTRAINT "transfer_round_month_of_year" CHECK ("records"."transfer_round"."month" between 1 and 12),
	CONSTRAINT "transfer_round_quota_positive" CHECK ("records"."transfer_round"."quota" > 0)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_snapshot_row" (
	"round_id" bigint NOT NULL,
	"file" text NOT NULL,
	"row_no" integer NOT NULL,
	"content" jsonb NOT NULL,
	CONSTRAINT "transfer_snapshot_row_round_id_file_row_no_pk" PRIMARY KEY("round_id","file","row_no")
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_state" (
	"transfer_id" bigint NOT NULL,
	"step" smallint NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"entered_at" timestamp with time zone NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_state_transfer_id_step_pk" PRIMARY KEY("transfer_id","step"),
	CONSTRAINT "transfer_state_state_known" CHECK ("records"."transfer_state"."state" in ('candidate', 'noticed', 'frozen', 'approved', 'assembled', 'sealed', 'released', 'inCarry', 'delivered', 'rejected', 'active', 'resultReceived', 'reconciled', 'closed', 'aborted'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_submission" (
	"round_id" bigint PRIMARY KEY NOT NULL,
	"draft_digest" text NOT NULL,
	"case_count" integer NOT NULL,
	"unpaid" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_submission_unpaid_exact" CHECK ("records"."transfer_submission"."unpaid" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_acceptance" (
	"transfer_id" bigint PRIMARY KEY NOT NULL,
	"package_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_acceptance_outcome_known" CHECK (outcome in ('accepted', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_collection" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_collection_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"result_id" bigint NOT NULL,
	"line_id" bigint NOT NULL,
	"collected_on" date NOT NULL,
	"tax" bigint NOT NULL,
	"late_charge" bigint NOT NULL,
	"reminder_fee" bigint NOT NULL,
	"disposition_cost" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_collection_tax_exact" CHECK ("records"."transfer_collection"."tax" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_collection_late_charge_exact" CHECK ("records"."transfer_collection"."late_charge" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_collection_reminder_fee_exact" CHECK ("records"."transfer_collection"."reminder_fee" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_collection_disposition_cost_exact" CHECK ("records"."transfer_collection"."disposition_cost" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_collection_positive" CHECK (least("records"."transfer_collection"."tax", "records"."transfer_collection"."late_charge", "records"."transfer_collection"."reminder_fee", "records"."transfer_collection"."disposition_cost") >= 0)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_delta_entry" (
	"delta_id" bigint PRIMARY KEY NOT NULL,
	"message_id" bigint NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_delta_message" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_delta_message_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"round_id" bigint NOT NULL,
	"delta_no" integer NOT NULL,
	"content" jsonb NOT NULL,
	"forward_by" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_delta_message_no" UNIQUE("round_id","delta_no")
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_delta_sending" (
	"message_id" bigint PRIMARY KEY NOT NULL,
	"sent_on" date NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_delta" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_delta_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"line_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"effective_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_delta_amount_exact" CHECK ("records"."transfer_delta"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_delta_kind_known" CHECK (kind in ('payment', 'offset', 'adjustment', 'writeOff')),
	CONSTRAINT "transfer_delta_component_known" CHECK (component in ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_outcome" (
	"result_id" bigint NOT NULL,
	"transfer_id" bigint NOT NULL,
	"end_state" text NOT NULL,
	"stated_on" date NOT NULL,
	"judgement" text,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_outcome_result_id_transfer_id_pk" PRIMARY KEY("result_id","transfer_id"),
	CONSTRAINT "transfer_outcome_end_state_known" CHECK ("records"."transfer_outcome"."end_state" in ('paidInFull', 'returned', 'suspensionFit', 'writeOffFit', 'continued'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_posting" (
	"collection_id" bigint PRIMARY KEY NOT NULL,
	"receipt_id" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_posting_receipt_id_unique" UNIQUE("receipt_id")
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_reconciliation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_reconciliation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"round_id" bigint NOT NULL,
	"transferred" bigint NOT NULL,
	"collected" bigint NOT NULL,
	"received" bigint NOT NULL,
	"remaining" bigint NOT NULL,
	"differences" integer NOT NULL,
	"digest" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_reconciliation_transferred_exact" CHECK ("records"."transfer_reconciliation"."transferred" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_reconciliation_collected_exact" CHECK ("records"."transfer_reconciliation"."collected" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_reconciliation_received_exact" CHECK ("records"."transfer_reconciliation"."received" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_reconciliation_remaining_exact" CHECK ("records"."transfer_reconciliation"."remaining" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_remittance" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_remittance_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"result_id" bigint NOT NULL,
	"received_on" date NOT NULL,
	"amount" bigint NOT NULL,
	"reference" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_remittance_amount_exact" CHECK ("records"."transfer_remittance"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_remittance_not_zero" CHECK ("records"."transfer_remittance"."amount" <> 0)
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_result" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_result_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"result_id" uuid NOT NULL,
	"round_id" bigint NOT NULL,
	"series_no" integer NOT NULL,
	"is_final" boolean NOT NULL,
	"received_on" date NOT NULL,
	"collected" bigint NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_result_result_id_unique" UNIQUE("result_id"),
	CONSTRAINT "transfer_result_collected_exact" CHECK ("records"."transfer_result"."collected" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "records"."transfer_case" ADD CONSTRAINT "transfer_case_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_case" ADD CONSTRAINT "transfer_case_case_id_delinquency_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "records"."delinquency_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_case" ADD CONSTRAINT "transfer_case_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_case" ADD CONSTRAINT "transfer_case_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_freeze" ADD CONSTRAINT "transfer_freeze_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_freeze" ADD CONSTRAINT "transfer_freeze_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_line" ADD CONSTRAINT "transfer_line_transfer_id_transfer_case_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "records"."transfer_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_line" ADD CONSTRAINT "transfer_line_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_line" ADD CONSTRAINT "transfer_line_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_notice" ADD CONSTRAINT "transfer_notice_transfer_id_transfer_case_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "records"."transfer_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_notice" ADD CONSTRAINT "transfer_notice_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_package_state" ADD CONSTRAINT "transfer_package_state_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_package_state" ADD CONSTRAINT "transfer_package_state_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_round_approval" ADD CONSTRAINT "transfer_round_approval_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_round_approval" ADD CONSTRAINT "transfer_round_approval_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_round" ADD CONSTRAINT "transfer_round_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_snapshot_row" ADD CONSTRAINT "transfer_snapshot_row_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_state" ADD CONSTRAINT "transfer_state_transfer_id_transfer_case_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "records"."transfer_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_state" ADD CONSTRAINT "transfer_state_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_submission" ADD CONSTRAINT "transfer_submission_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_submission" ADD CONSTRAINT "transfer_submission_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_acceptance" ADD CONSTRAINT "transfer_acceptance_transfer_id_transfer_case_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "records"."transfer_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_acceptance" ADD CONSTRAINT "transfer_acceptance_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_collection" ADD CONSTRAINT "transfer_collection_result_id_transfer_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "records"."transfer_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_collection" ADD CONSTRAINT "transfer_collection_line_id_transfer_line_id_fk" FOREIGN KEY ("line_id") REFERENCES "records"."transfer_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_collection" ADD CONSTRAINT "transfer_collection_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_entry" ADD CONSTRAINT "transfer_delta_entry_delta_id_transfer_delta_id_fk" FOREIGN KEY ("delta_id") REFERENCES "records"."transfer_delta"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_entry" ADD CONSTRAINT "transfer_delta_entry_message_id_transfer_delta_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "records"."transfer_delta_message"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_entry" ADD CONSTRAINT "transfer_delta_entry_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_message" ADD CONSTRAINT "transfer_delta_message_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_message" ADD CONSTRAINT "transfer_delta_message_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_sending" ADD CONSTRAINT "transfer_delta_sending_message_id_transfer_delta_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "records"."transfer_delta_message"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta_sending" ADD CONSTRAINT "transfer_delta_sending_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta" ADD CONSTRAINT "transfer_delta_line_id_transfer_line_id_fk" FOREIGN KEY ("line_id") REFERENCES "records"."transfer_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_delta" ADD CONSTRAINT "transfer_delta_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_outcome" ADD CONSTRAINT "transfer_outcome_result_id_transfer_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "records"."transfer_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_outcome" ADD CONSTRAINT "transfer_outcome_transfer_id_transfer_case_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "records"."transfer_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_outcome" ADD CONSTRAINT "transfer_outcome_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_posting" ADD CONSTRAINT "transfer_posting_collection_id_transfer_collection_id_fk" FOREIGN KEY ("collection_id") REFERENCES "records"."transfer_collection"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_posting" ADD CONSTRAINT "transfer_posting_receipt_id_receipt_id_fk" FOREIGN KEY ("receipt_id") REFERENCES "records"."receipt"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_posting" ADD CONSTRAINT "transfer_posting_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_reconciliation" ADD CONSTRAINT "transfer_reconciliation_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_reconciliation" ADD CONSTRAINT "transfer_reconciliation_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_remittance" ADD CONSTRAINT "transfer_remittance_result_id_transfer_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "records"."transfer_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_remittance" ADD CONSTRAINT "transfer_remittance_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_result" ADD CONSTRAINT "transfer_result_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_result" ADD CONSTRAINT "transfer_result_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "transfer_case_case" ON "records"."transfer_case" USING btree ("case_id");--> statement-breakpoint
CREATE INDEX "transfer_case_addressee" ON "records"."transfer_case" USING btree ("addressee_no");--> statement-breakpoint
CREATE INDEX "transfer_line_levy" ON "records"."transfer_line" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "transfer_collection_line" ON "records"."transfer_collection" USING btree ("line_id");--> statement-breakpoint
CREATE INDEX "transfer_collection_result" ON "records"."transfer_collection" USING btree ("result_id");--> statement-breakpoint
CREATE INDEX "transfer_delta_entry_message" ON "records"."transfer_delta_entry" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "transfer_delta_line" ON "records"."transfer_delta" USING btree ("line_id");--> statement-breakpoint
CREATE INDEX "transfer_outcome_case" ON "records"."transfer_outcome" USING btree ("transfer_id");--> statement-breakpoint
CREATE INDEX "transfer_reconciliation_round" ON "records"."transfer_reconciliation" USING btree ("round_id","id");--> statement-breakpoint
CREATE INDEX "transfer_remittance_result" ON "records"."transfer_remittance" USING btree ("result_id");--> statement-breakpoint
CREATE INDEX "transfer_result_round" ON "records"."transfer_result" USING btree ("round_id");