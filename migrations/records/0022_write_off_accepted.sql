-- Hand-written: what the collection organization has accepted once is not written off for limitation. What renewed its
-- limitation there stands in result files that are not read yet, so that the records do not know when it ends.

CREATE FUNCTION records.refuse_accepted_write_off() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  accepted boolean;
  claimed text := CASE TG_TABLE_NAME
    WHEN 'write_off_claim' THEN 'SELECT proposal_id, levy_id FROM added'
    ELSE $q$SELECT c.proposal_id, c.levy_id FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id)
      WHERE d.outcome = 'approved'$q$
  END;
BEGIN
  EXECUTE pg_catalog.format($q$SELECT EXISTS (
    SELECT FROM (%s) AS c JOIN records.write_off_proposal AS p ON p.id = c.proposal_id AND p.cause = 'limitation'
    JOIN records.transfer_line AS l ON l.levy_id = c.levy_id
    JOIN records.transfer_state AS s ON s.transfer_id = l.transfer_id AND s.state = 'active')$q$, claimed) INTO accepted;
  IF accepted THEN
    RAISE EXCEPTION 'The limitation of what the collection organization has had is not known here.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_accepted',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.refuse_accepted_write_off() IS
  'Refuses to write off for limitation what the collection organization has accepted once.';
REVOKE ALL ON FUNCTION records.refuse_accepted_write_off() FROM PUBLIC;

-- On the decision its name lets it come after `booked`, which has locked the lines.
DO $$
DECLARE act text;
BEGIN
  FOREACH act IN ARRAY ARRAY['write_off_claim', 'write_off_decision'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER once_accepted AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_accepted_write_off()', act);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER once_accepted', act);
  END LOOP;
END $$;
