ALTER TABLE "records"."push_standing" ADD COLUMN "cancel_reason" text;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD COLUMN "cancel_reason" text;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD CONSTRAINT "push_state_cancelled" CHECK ("records"."push_state"."cancel_reason" is null or "records"."push_state"."state" = 'CANCELLED');--> statement-breakpoint

-- Written by hand from here on: the words go into the standing with the state, and whoever may write a state may write them.
CREATE OR REPLACE FUNCTION records.keep_push_standing() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO records.push_standing AS s
    (push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest, next_attempt_at, cancel_reason)
  SELECT DISTINCT ON (push_request_id)
    push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest, next_attempt_at, cancel_reason
  FROM added ORDER BY push_request_id, vault_sequence DESC NULLS LAST, id DESC
  ON CONFLICT (push_request_id) DO UPDATE SET
    state = excluded.state, at = excluded.at, vault_sequence = excluded.vault_sequence, attempt = excluded.attempt,
    reason = excluded.reason, receipt_digest = excluded.receipt_digest, next_attempt_at = excluded.next_attempt_at,
    cancel_reason = excluded.cancel_reason
  WHERE s.vault_sequence IS NULL OR s.vault_sequence < excluded.vault_sequence;
  RETURN NULL;
END $$;
--> statement-breakpoint
GRANT INSERT (cancel_reason) ON records.push_state TO kuramori_gateway;
