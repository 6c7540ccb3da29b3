ALTER TABLE "vault"."refund_account" ADD COLUMN "consent_withdrawn_at" timestamp with time zone;--> statement-breakpoint
-- Written by hand from here on: what was withdrawn before stops what is not in a payment file yet.
update vault.refund_account a set consent_withdrawn_at = w.withdrawn_at
from vault.push p join vault.refund_consent_withdrawal w using (consent_id)
where p.push_request_id = a.push_request_id;
--> statement-breakpoint
grant update (consent_withdrawn_at) on vault.refund_account to kuramori_vault;
