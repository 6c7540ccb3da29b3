CREATE TABLE "vault"."payment_journal_compared" (
	"rebuild_id" text PRIMARY KEY NOT NULL,
	"approval_id" text NOT NULL,
	"compared_by" text NOT NULL,
	"compared_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."payment_journal_rebuilt" (
	"rebuild_id" text PRIMARY KEY NOT NULL,
	"rebuilt_at" timestamp with time zone NOT NULL,
	"decided_by" text NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_journal_rebuilt_id_form" CHECK (rebuild_id ~ '^RB-[0-9a-f-]{36}$')
);
--> statement-breakpoint
ALTER TABLE "vault"."payment_journal_compared" ADD CONSTRAINT "payment_journal_compared_rebuilt" FOREIGN KEY ("rebuild_id") REFERENCES "vault"."payment_journal_rebuilt"("rebuild_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Written by hand from here on: that a journal was made anew, and that two officers have compared with the bank since,
-- is entered and read, never changed.
grant select, insert on vault.payment_journal_rebuilt, vault.payment_journal_compared to kuramori_vault;
create trigger kept before update or delete or truncate on vault.payment_journal_rebuilt for each statement
  execute function vault.refuse_change();
alter table vault.payment_journal_rebuilt enable always trigger kept;
create trigger kept before update or delete or truncate on vault.payment_journal_compared for each statement
  execute function vault.refuse_change();
alter table vault.payment_journal_compared enable always trigger kept;
