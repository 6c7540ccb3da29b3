CREATE TABLE "vault"."payment_file_compared" (
	"file_no" integer NOT NULL,
	"sha256" text NOT NULL,
	"outcome" text NOT NULL,
	"approval_id" text NOT NULL,
	"compared_by" text NOT NULL,
	"compared_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_file_compared_pkey" PRIMARY KEY("file_no","sha256"),
	CONSTRAINT "payment_file_compared_approval" UNIQUE("approval_id"),
	CONSTRAINT "payment_file_compared_outcome_known" CHECK (outcome in ('paid', 'notPaid'))
);
--> statement-breakpoint
CREATE TABLE "vault"."payment_file_lost" (
	"file_no" integer NOT NULL,
	"sha256" text NOT NULL,
	"pay_on" date NOT NULL,
	"count" integer NOT NULL,
	"total_yen" bigint NOT NULL,
	"refund_ids" text[] NOT NULL,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_file_lost_pkey" PRIMARY KEY("file_no","sha256"),
	CONSTRAINT "payment_file_lost_count" CHECK (count = cardinality(refund_ids))
);
--> statement-breakpoint
ALTER TABLE "vault"."payment_file_compared" ADD CONSTRAINT "payment_file_compared_lost" FOREIGN KEY ("file_no","sha256") REFERENCES "vault"."payment_file_lost"("file_no","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Written by hand from here on: what was lost, and what the bank says of it, is entered and read, never changed.
grant select, insert on vault.payment_file_lost, vault.payment_file_compared to kuramori_vault;
create trigger kept before update or delete or truncate on vault.payment_file_lost for each statement
  execute function vault.refuse_change();
alter table vault.payment_file_lost enable always trigger kept;
create trigger kept before update or delete or truncate on vault.payment_file_compared for each statement
  execute function vault.refuse_change();
alter table vault.payment_file_compared enable always trigger kept;
