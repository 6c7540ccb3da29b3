CREATE TABLE "vault"."payment_consignor" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."payment_consignor_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"valid_from" date NOT NULL,
	"code" text NOT NULL,
	"name_kana" text NOT NULL,
	"bank_code" text NOT NULL,
	"bank_name_kana" text NOT NULL,
	"branch_code" text NOT NULL,
	"branch_name_kana" text NOT NULL,
	"account_type" text NOT NULL,
	"account_number" text NOT NULL,
	"layout" text NOT NULL,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_consignor_code_form" CHECK (code ~ '^[0-9]{10}$'),
	CONSTRAINT "payment_consignor_layout_known" CHECK (layout in ('120', '120+CRLF'))
);
--> statement-breakpoint
CREATE TABLE "vault"."payment_file_record" (
	"refund_id" text PRIMARY KEY NOT NULL,
	"file_no" integer NOT NULL,
	"record_no" integer NOT NULL,
	CONSTRAINT "payment_file_record_place" UNIQUE("file_no","record_no")
);
--> statement-breakpoint
CREATE TABLE "vault"."payment_file" (
	"file_no" integer PRIMARY KEY NOT NULL,
	"pay_on" date NOT NULL,
	"consignor_id" bigint NOT NULL,
	"count" integer NOT NULL,
	"total_yen" bigint NOT NULL,
	"sha256" text NOT NULL,
	"approval_id" text NOT NULL,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_file_approval" UNIQUE("approval_id"),
	CONSTRAINT "payment_file_count" CHECK (count >= 1),
	CONSTRAINT "payment_file_total" CHECK (total_yen between 1 and 999999999999),
	CONSTRAINT "payment_file_sha256_form" CHECK (sha256 ~ '^sha256:[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "vault"."payment_file_record" ADD CONSTRAINT "payment_file_record_refund_id_refund_account_refund_id_fk" FOREIGN KEY ("refund_id") REFERENCES "vault"."refund_account"("refund_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."payment_file_record" ADD CONSTRAINT "payment_file_record_file_no_payment_file_file_no_fk" FOREIGN KEY ("file_no") REFERENCES "vault"."payment_file"("file_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."payment_file" ADD CONSTRAINT "payment_file_consignor_id_payment_consignor_id_fk" FOREIGN KEY ("consignor_id") REFERENCES "vault"."payment_consignor"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- Written by hand from here on: what was paid by which file is entered and read, never changed; by the owner neither.
grant select, insert on vault.payment_consignor, vault.payment_file, vault.payment_file_record to kuramori_vault;
create trigger kept before update or delete or truncate on vault.payment_consignor for each statement
  execute function vault.refuse_change();
alter table vault.payment_consignor enable always trigger kept;
create trigger kept before update or delete or truncate on vault.payment_file for each statement
  execute function vault.refuse_change();
alter table vault.payment_file enable always trigger kept;
create trigger kept before update or delete or truncate on vault.payment_file_record for each statement
  execute function vault.refuse_change();
alter table vault.payment_file_record enable always trigger kept;
