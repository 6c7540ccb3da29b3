ALTER TABLE "records"."push_state" DROP CONSTRAINT "push_state_sequence_once";--> statement-breakpoint
ALTER TABLE "records"."push_cursor" ADD COLUMN "generation" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "records"."push_standing" ADD COLUMN "vault_generation" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD COLUMN "vault_generation" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD CONSTRAINT "push_state_sequence_once" UNIQUE("vault_sequence","vault_generation");--> statement-breakpoint

-- Written by hand from here on: what a restored vault says goes before what the lost one had said, whatever its sequence.
CREATE OR REPLACE FUNCTION records.keep_push_standing() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO records.push_standing AS s
    (push_request_id, state, at, vault_generation, vault_sequence, attempt, reason, receipt_digest, next_attempt_at,
     cancel_reason)
  SELECT DISTINCT ON (push_request_id)
    push_request_id, state, at, vault_generation, vault_sequence, attempt, reason, receipt_digest, next_attempt_at,
    cancel_reason
  FROM added ORDER BY push_request_id, vault_sequence IS NULL, vault_generation DESC, vault_sequence DESC, id DESC
  ON CONFLICT (push_request_id) DO UPDATE SET
    state = excluded.state, at = excluded.at, vault_generation = excluded.vault_generation,
    vault_sequence = excluded.vault_sequence, attempt = excluded.attempt, reason = excluded.reason,
    receipt_digest = excluded.receipt_digest, next_attempt_at = excluded.next_attempt_at,
    cancel_reason = excluded.cancel_reason
  WHERE s.vault_sequence IS NULL
    OR (s.vault_generation, s.vault_sequence) < (excluded.vault_generation, excluded.vault_sequence);
  RETURN NULL;
END $$;
--> statement-breakpoint
GRANT UPDATE (generation) ON records.push_cursor TO kuramori_worker;
--> statement-breakpoint
GRANT SELECT (push_request_id, state, at, attempt, vault_generation) ON records.push_state TO kuramori_worker;
