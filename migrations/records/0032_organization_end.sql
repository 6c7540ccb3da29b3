ALTER TABLE "records"."disposition_end" ADD COLUMN "evidence" text;--> statement-breakpoint
ALTER TABLE "records"."disposition_end" ADD COLUMN "entered_by" text;--> statement-breakpoint
-- From here on written by hand: the end of a disposition of the organization that comes when it has the case no more, so
-- that no result of it tells. A clerk enters it, with what proves it. Handbook 13 §7, 03 §7.

ALTER TABLE records.disposition_end ADD CONSTRAINT disposition_end_evidence
  CHECK ((evidence IS NULL) = (entered_by IS NULL) AND (evidence IS NULL OR result_id IS NULL AND evidence <> ''));

-- The gateway has no privilege to enter an end otherwise. Whoever decides a write-off of one of the lines waits here, or is
-- waited for.
CREATE FUNCTION records.enter_organization_end(
  ended bigint, end_kind text, on_day date, proof text, entered text, change bigint) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM records.levy_balance WHERE levy_id IN (
    SELECT c.levy_id FROM records.disposition_claim AS c WHERE c.disposition_id = ended
  ) ORDER BY levy_id FOR NO KEY UPDATE;
  IF proof IS NULL OR NOT EXISTS (
    SELECT FROM records.disposition AS d WHERE d.id = ended AND d.result_id IS NOT NULL AND d.executed_on <= on_day
      AND NOT EXISTS (SELECT FROM records.transfer_standing AS s WHERE s.case_id = d.case_id AND s.is_locked)
  ) THEN
    RAISE EXCEPTION 'The end is not of a disposition of the organization in a case that it has no more, or lacks its evidence.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entered_end', SCHEMA = 'records', TABLE = 'disposition_end';
  END IF;
  INSERT INTO records.disposition_end (disposition_id, kind, ended_on, evidence, entered_by, change_id)
    VALUES (ended, end_kind, on_day, proof, entered, change) ON CONFLICT (disposition_id) DO NOTHING;
  RETURN FOUND;
END $$;
COMMENT ON FUNCTION records.enter_organization_end(bigint, text, date, text, text, bigint) IS
  'Enters the end of a disposition of the organization in a case that it has no more, with its evidence, once.';
REVOKE ALL ON FUNCTION records.enter_organization_end(bigint, text, date, text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.enter_organization_end(bigint, text, date, text, text, bigint) TO kuramori_gateway;
