ALTER TABLE "vault"."push_change" ADD COLUMN "cancel_reason" text;--> statement-breakpoint
ALTER TABLE "vault"."push_change" ADD CONSTRAINT "push_change_cancelled" CHECK (cancel_reason is null or state = 'CANCELLED');
