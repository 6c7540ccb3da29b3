CREATE TABLE "vault"."break_glass_opening" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."break_glass_opening_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"opening_id" text NOT NULL,
	"seal_id" bigint NOT NULL,
	"opened_by" text NOT NULL,
	"seconded_by" text NOT NULL,
	"terminal_id" text NOT NULL,
	"purpose" text NOT NULL,
	"basis" text NOT NULL,
	"case_ref" text NOT NULL,
	"reason" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "break_glass_opening_opening_id_unique" UNIQUE("opening_id"),
	CONSTRAINT "break_glass_opening_seal_id_unique" UNIQUE("seal_id"),
	CONSTRAINT "break_glass_two_people" CHECK (opened_by <> seconded_by),
	CONSTRAINT "break_glass_an_hour" CHECK (until > opened_at and until <= opened_at + interval '60 minutes')
);
--> statement-breakpoint
CREATE TABLE "vault"."break_glass_return" (
	"use_id" bigint PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vault"."break_glass_review" (
	"opening_id" text PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"finding" text NOT NULL,
	"reviewed_by" text NOT NULL,
	"approved_by" text NOT NULL,
	"approval_id" text NOT NULL,
	"reviewed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "break_glass_outcome_known" CHECK (outcome in ('justified', 'unjustified')),
	CONSTRAINT "break_glass_review_two_people" CHECK (reviewed_by <> approved_by)
);
--> statement-breakpoint
CREATE TABLE "vault"."break_glass_seal" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."break_glass_seal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"break_glass_id" text NOT NULL,
	"seal_no" text NOT NULL,
	"code_digest" text NOT NULL,
	"entered_by" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "break_glass_seal_once" UNIQUE("break_glass_id","seal_no"),
	CONSTRAINT "break_glass_id_form" CHECK (break_glass_id ~ '^BG-[A-Za-z0-9-]{1,32}$')
);
--> statement-breakpoint
CREATE TABLE "vault"."break_glass_use" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "vault"."break_glass_use_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"opening_id" text NOT NULL,
	"vault_ref" text NOT NULL,
	"case_ref" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "vault"."break_glass_opening" ADD CONSTRAINT "break_glass_opening_seal_id_break_glass_seal_id_fk" FOREIGN KEY ("seal_id") REFERENCES "vault"."break_glass_seal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."break_glass_return" ADD CONSTRAINT "break_glass_return_use_id_break_glass_use_id_fk" FOREIGN KEY ("use_id") REFERENCES "vault"."break_glass_use"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."break_glass_review" ADD CONSTRAINT "break_glass_review_opening_id_break_glass_opening_opening_id_fk" FOREIGN KEY ("opening_id") REFERENCES "vault"."break_glass_opening"("opening_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vault"."break_glass_use" ADD CONSTRAINT "break_glass_use_opening_id_break_glass_opening_opening_id_fk" FOREIGN KEY ("opening_id") REFERENCES "vault"."break_glass_opening"("opening_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "break_glass_seal_of" ON "vault"."break_glass_seal" USING btree ("break_glass_id","id");--> statement-breakpoint
CREATE INDEX "break_glass_use_of" ON "vault"."break_glass_use" USING btree ("opening_id","id");
--> statement-breakpoint
-- Written by hand from here on: what was sealed, opened, shown and found binds even the owner.
do $$
declare
  kept text;
begin
  foreach kept in array array['seal', 'opening', 'use', 'return', 'review'] loop
    execute format('create trigger kept before update or delete or truncate on vault.break_glass_%s for each statement
      execute function vault.refuse_change()', kept);
    execute format('alter table vault.break_glass_%s enable always trigger kept', kept);
    execute format('grant select, insert on vault.break_glass_%s to kuramori_vault', kept);
  end loop;
end $$;
