CREATE TABLE "vault"."inquiry_batch" (
	"batch_id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"unit" text NOT NULL,
	"purpose" text NOT NULL,
	"basis" text NOT NULL,
	"asserted_at" timestamp with time zone NOT NULL,
	"line_count" integer NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"inquiries" integer DEFAULT 0 NOT NULL,
	"formed_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"envelope_refs" text[],
	"receipt_refs" text[],
	"receipt_digest" text,
	"sent_at" timestamp with time zone,
	"intent_entry" bigint,
	CONSTRAINT "inquiry_batch_state_known" CHECK (state in ('FORMED', 'SENDING', 'INDETERMINATE', 'RETRY_WAIT', 'PENDING', 'ANSWERED', 'DONE', 'PARTIAL',
  'QUARANTINED', 'REFUSED', 'FAILED', 'EXPIRED', 'DISSOLVED')),
	CONSTRAINT "inquiry_batch_ends" CHECK ((next_attempt_at is null) = (state in ('DONE', 'PARTIAL', 'QUARANTINED', 'REFUSED', 'FAILED', 'EXPIRED',
  'DISSOLVED'))),
	CONSTRAINT "inquiry_batch_lines" CHECK (line_count between 1 and 10000)
);
--> statement-breakpoint
ALTER TABLE "vault"."push" ADD COLUMN "batched" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "vault"."push" ADD COLUMN "batch_id" text;--> statement-breakpoint
ALTER TABLE "vault"."push" ADD COLUMN "line_no" integer;--> statement-breakpoint
CREATE INDEX "inquiry_batch_due" ON "vault"."inquiry_batch" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
ALTER TABLE "vault"."push" ADD CONSTRAINT "push_batch_id_inquiry_batch_batch_id_fk" FOREIGN KEY ("batch_id") REFERENCES "vault"."inquiry_batch"("batch_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "push_gathered" ON "vault"."push" USING btree ("next_attempt_at") WHERE batched and batch_id is null and next_attempt_at is not null;--> statement-breakpoint
ALTER TABLE "vault"."push" ADD CONSTRAINT "push_line" UNIQUE("batch_id","line_no");--> statement-breakpoint
ALTER TABLE "vault"."push" ADD CONSTRAINT "push_line_of_batch" CHECK (num_nulls(batch_id, line_no) in (0, 2) and (batched or batch_id is null));--> statement-breakpoint
ALTER TABLE "vault"."push" ADD CONSTRAINT "push_batched" CHECK (not batched or procedure = 'inquireRefundAccount');
--> statement-breakpoint
-- Written by hand from here on: of a batch, and of the place of a push in one, what was asked never changes.
grant select, insert, update (state, reason, attempt, inquiries, changed_at, next_attempt_at, envelope_refs,
  receipt_refs, receipt_digest, sent_at, intent_entry) on vault.inquiry_batch to kuramori_vault;
grant update (batch_id, line_no) on vault.push to kuramori_vault;
