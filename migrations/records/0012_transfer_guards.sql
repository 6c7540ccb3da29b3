-- Hand-written: what makes the tables of 0011 journals, and what a transfer to the collection organization (移管) means for
-- the rest of the ledger: the collection lock, and the changes that the organization is told of. Handbook 13 §3.

-- 1. Money that the organization collected and paid over enters the ledger under a source of its own.

ALTER TABLE records.receipt DROP CONSTRAINT receipt_source_known;
ALTER TABLE records.receipt ADD CONSTRAINT receipt_source_known CHECK (source IN ('receiptPlain', 'receiptMpn',
  'receiptPayroll', 'convenience', 'elqr', 'directDebit', 'counter', 'manual', 'disposition', 'organization'));

-- 2. Journals are insert-only, for everybody. Rows made ready to be handed over are no journal: they go when the round ends.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY[
    'transfer_round', 'transfer_round_approval', 'transfer_case', 'transfer_state', 'transfer_notice', 'transfer_freeze',
    'transfer_line', 'transfer_submission', 'transfer_package_state', 'transfer_acceptance', 'transfer_delta',
    'transfer_delta_message', 'transfer_delta_entry', 'transfer_delta_sending', 'transfer_result', 'transfer_collection',
    'transfer_posting', 'transfer_outcome', 'transfer_remittance', 'transfer_reconciliation'
  ] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
  END LOOP;
END $$;

-- 3. Where a case stands: its last step. While `is_locked` the right to collect is the organization's (引受後の徴収ロック),
-- until it returns the case (返還) or the round is closed; while `is_noted` changes of its lines are noted, for the
-- organization and for the reconciliation; while `is_live` the case cannot be in another round.

CREATE VIEW records.transfer_standing AS
SELECT c.id AS transfer_id, c.round_id, c.case_id, c.addressee_no, s.step, s.state, s.entered_at,
  s.state IN ('active', 'resultReceived', 'reconciled') AND r.returned IS NULL AS is_locked,
  s.state NOT IN ('candidate', 'noticed', 'rejected', 'closed', 'aborted') AS is_noted,
  s.state NOT IN ('rejected', 'closed', 'aborted') AS is_live,
  r.returned IS NOT NULL AS is_returned
FROM records.transfer_case AS c
CROSS JOIN LATERAL (
  SELECT t.step, t.state, t.entered_at FROM records.transfer_state AS t
  WHERE t.transfer_id = c.id ORDER BY t.step DESC LIMIT 1
) AS s
LEFT JOIN LATERAL (
  SELECT true AS returned FROM records.transfer_outcome AS o
  WHERE o.transfer_id = c.id AND o.end_state = 'returned' LIMIT 1
) AS r ON true;
COMMENT ON VIEW records.transfer_standing IS '移管事案の現在の状態: the last step of each case of a transfer (handbook 13 §3).';

CREATE FUNCTION records.check_transfer_live() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Two rounds that choose one case wait for each other here.
  PERFORM FROM records.delinquency_case WHERE id IN (SELECT case_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS a JOIN records.transfer_standing AS s ON s.case_id = a.case_id AND s.transfer_id <> a.id
    WHERE s.is_live
  ) THEN
    RAISE EXCEPTION 'A case is in one transfer at a time.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_case_live', SCHEMA = 'records', TABLE = 'transfer_case';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_transfer_live() IS 'A case is handed over by one round at a time.';
CREATE TRIGGER live AFTER INSERT ON records.transfer_case REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_transfer_live();

-- 4. The second person approves exactly the configuration that was proposed.

CREATE FUNCTION records.check_transfer_round_approval() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  proposed records.transfer_round;
BEGIN
  SELECT * INTO proposed FROM records.transfer_round WHERE id = NEW.round_id;
  IF proposed.proposed_by = NEW.approved_by THEN
    RAISE EXCEPTION 'A round is approved by another person than the one who proposed it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_round_second_person',
        SCHEMA = 'records', TABLE = 'transfer_round_approval';
  END IF;
  IF proposed.digest <> NEW.digest THEN
    RAISE EXCEPTION 'What is approved is not what was proposed.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_round_digest',
        SCHEMA = 'records', TABLE = 'transfer_round_approval';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_transfer_round_approval() IS 'The second person, and the digest that was proposed.';
CREATE TRIGGER second_person AFTER INSERT ON records.transfer_round_approval
  FOR EACH ROW EXECUTE FUNCTION records.check_transfer_round_approval();

-- 5. The collection lock: no dunning, no new seizure, no set-off for what was accepted (handbook 13 §3).

CREATE FUNCTION records.refuse_locked_collection() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held boolean;
BEGIN
  IF TG_TABLE_NAME = 'disposition' THEN
    EXECUTE 'SELECT EXISTS (SELECT FROM added JOIN records.transfer_standing USING (case_id) WHERE is_locked)' INTO held;
  ELSE
    EXECUTE 'SELECT EXISTS (SELECT FROM added JOIN records.transfer_line USING (levy_id)
      JOIN records.transfer_standing USING (transfer_id) WHERE is_locked)' INTO held;
  END IF;
  IF held THEN
    RAISE EXCEPTION 'The case is with the collection organization, which alone collects it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_locked', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.refuse_locked_collection() IS 'Refuses reminders, dispositions and offsets of accepted cases.';

DO $$
DECLARE act text;
BEGIN
  FOREACH act IN ARRAY ARRAY['reminder', 'disposition', 'offset_entry'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER collection_lock AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_locked_collection()', act);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER collection_lock', act);
  END LOOP;
END $$;

-- 6. What changes of a frozen line is noted in the transaction of the change itself, whoever makes it: a load, a clerk, a
-- reversal. Positive lowers what is owed. What the organization itself paid over is not told back to it.

CREATE FUNCTION records.note_transfer_delta() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entry text := CASE TG_TABLE_NAME
    WHEN 'allocation' THEN $q$SELECT levy_id, CASE WHEN offset_id IS NULL THEN 'payment' ELSE 'offset' END AS kind,
      component, amount, effective_on, receipt_id, change_id FROM added$q$
    WHEN 'levy_adjustment' THEN $q$SELECT levy_id, 'adjustment' AS kind, 'tax' AS component, -tax_delta AS amount,
      decided_on AS effective_on, NULL::bigint AS receipt_id, change_id FROM added$q$
    WHEN 'write_off' THEN $q$SELECT levy_id, 'writeOff' AS kind, component, amount,
      written_off_on AS effective_on, NULL::bigint AS receipt_id, change_id FROM added$q$
  END;
BEGIN
  -- Where nothing is transferred a load pays nothing for it.
  IF NOT EXISTS (SELECT FROM records.transfer_line) THEN
    RETURN NULL;
  END IF;
  -- EXECUTE: a plan kept from a load of millions would read all lines for a single payment.
  EXECUTE pg_catalog.format('INSERT INTO records.transfer_delta (line_id, kind, component, amount, effective_on, change_id)
    SELECT l.id, e.kind, e.component, e.amount, e.effective_on, e.change_id
    FROM (%s) AS e JOIN records.transfer_line AS l USING (levy_id) JOIN records.transfer_standing AS s USING (transfer_id)
    WHERE s.is_noted AND NOT EXISTS (
      SELECT FROM records.receipt AS r WHERE r.id = e.receipt_id AND r.source = ''organization'')', entry);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.note_transfer_delta() IS 'Notes what the collection organization is to be told (入金連絡).';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['allocation', 'levy_adjustment', 'write_off'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER transfer_delta AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.note_transfer_delta()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER transfer_delta', journal);
  END LOOP;
END $$;

-- 7. The rows made ready to be handed over are erased when nothing of the round is under way any more.

CREATE FUNCTION records.erase_transfer_rows(ended_round bigint) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased bigint;
BEGIN
  IF EXISTS (SELECT FROM records.transfer_standing WHERE round_id = ended_round AND is_live) THEN
    RAISE EXCEPTION 'A case of the round is still under way.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_round_ended',
        SCHEMA = 'records', TABLE = 'transfer_snapshot_row';
  END IF;
  DELETE FROM records.transfer_snapshot_row WHERE round_id = ended_round;
  GET DIAGNOSTICS erased = ROW_COUNT;
  RETURN erased;
END $$;
COMMENT ON FUNCTION records.erase_transfer_rows(bigint) IS 'Erases the rows of a round that has ended; answers how many.';

DO $$
DECLARE guard record;
BEGIN
  FOR guard IN
    SELECT tgrelid::regclass AS of_table, tgname FROM pg_catalog.pg_trigger
    WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'records.transfer_%'
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.of_table, guard.tgname);
  END LOOP;
END $$;

-- 8. Grants. Jobs run as the loads do; the gateway reads, approves, withdraws, and enters what was paid over. Nobody
-- writes transfer_delta but the ledger's triggers.

REVOKE ALL ON FUNCTION records.check_transfer_live(), records.check_transfer_round_approval(),
  records.refuse_locked_collection(), records.note_transfer_delta(), records.erase_transfer_rows(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.erase_transfer_rows(bigint) TO kuramori_loader;

GRANT SELECT ON
  records.transfer_round, records.transfer_round_approval, records.transfer_case, records.transfer_state,
  records.transfer_standing, records.transfer_notice, records.transfer_freeze, records.transfer_line,
  records.transfer_submission, records.transfer_package_state, records.transfer_acceptance, records.transfer_delta,
  records.transfer_delta_message, records.transfer_delta_entry, records.transfer_delta_sending, records.transfer_result,
  records.transfer_collection, records.transfer_posting, records.transfer_outcome, records.transfer_remittance,
  records.transfer_reconciliation
  TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON records.transfer_snapshot_row, records.protection_reach, records.delinquency_case, records.case_closing, records.contact_record,
  records.disposition, records.disposition_claim, records.disposition_end, records.asset TO kuramori_loader;
GRANT INSERT ON records.transfer_round_approval, records.transfer_state, records.transfer_remittance TO kuramori_gateway;
GRANT INSERT ON
  records.transfer_round, records.transfer_case, records.transfer_state, records.transfer_notice, records.transfer_freeze,
  records.transfer_line, records.transfer_snapshot_row, records.transfer_submission, records.transfer_package_state,
  records.transfer_acceptance, records.transfer_delta_message, records.transfer_delta_entry,
  records.transfer_delta_sending, records.transfer_result, records.transfer_collection, records.transfer_posting,
  records.transfer_outcome, records.transfer_reconciliation
  TO kuramori_loader;

-- 9. The built-in roles of a municipality that is founded already hold what a new one's hold from the start.

INSERT INTO access.role_function (role, function, valid_from)
SELECT given.role, given.function, DATE '2000-01-01' FROM (VALUES
  ('delinquencyOfficer', 'transfer:read'), ('delinquencyOfficer', 'transfer:manage'),
  ('sectionChief', 'transfer:read'), ('sectionChief', 'transfer:approve'),
  ('transferJob', 'transfer:read'), ('transferJob', 'transfer:manage')
) AS given (role, function)
WHERE EXISTS (SELECT FROM access.role r WHERE r.name = given.role)
  AND NOT EXISTS (SELECT FROM access.role_function h WHERE h.role = given.role AND h.function = given.function);
