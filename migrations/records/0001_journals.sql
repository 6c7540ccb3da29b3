-- Hand-written: what makes the tables of 0000 a ledger. Roles and grants, insert-only journals, derived balances,
-- invariants at commit, reference data. Every refusal names a constraint, which is all that reaches our callers.
-- Lock order of every transaction: receipts, then balances, each in the order of their keys.

-- 1. Group roles. They belong to the cluster, so another database may have made them already.

DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['kuramori_gateway', 'kuramori_loader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        -- Another database of the cluster was migrated at the same moment.
        NULL;
      END;
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA records TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON public.kuramori_migration TO kuramori_gateway, kuramori_loader;

-- 2. Constraints that the table declarations of 0000 cannot say.

ALTER TABLE records.idempotency_key ADD CONSTRAINT idempotency_key_once UNIQUE (actor_id, key);
ALTER TABLE records.allocation ADD CONSTRAINT allocation_offset_id_offset_entry_id_fk
  FOREIGN KEY (offset_id) REFERENCES records.offset_entry (id);
-- A file loaded before in other bytes (line ends, end mark, a mended record) is the same money.
CREATE UNIQUE INDEX loaded_file_identity ON records.loaded_file ((outcome ->> 'identity'))
  WHERE outcome ->> 'identity' IS NOT NULL;
CREATE INDEX allocation_offset ON records.allocation (offset_id) WHERE offset_id IS NOT NULL;
ALTER TABLE records.receipt
  ADD CONSTRAINT receipt_reverses_id_receipt_id_fk FOREIGN KEY (reverses_id) REFERENCES records.receipt (id),
  ADD CONSTRAINT receipt_negative_reverses
    CHECK (reverses_id IS NOT NULL OR (tax_amount >= 0 AND late_charge_amount >= 0)),
  ADD CONSTRAINT receipt_amount_exact CHECK (amount BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT receipt_billed_amount_exact CHECK (billed_amount BETWEEN -9007199254740991 AND 9007199254740991);
ALTER TABLE records.asset
  ADD CONSTRAINT asset_estimated_value_exact CHECK (estimated_value BETWEEN -9007199254740991 AND 9007199254740991);
ALTER TABLE records.levy_balance
  ADD CONSTRAINT levy_balance_offset_in_exact CHECK (offset_in BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_written_off_exact CHECK (written_off BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_tax_outstanding_exact CHECK (tax_outstanding BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_reminder_fee_outstanding_exact CHECK (reminder_fee_outstanding BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_late_charge_outstanding_exact CHECK (late_charge_outstanding BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_penalty_outstanding_exact CHECK (penalty_outstanding BETWEEN -9007199254740991 AND 9007199254740991),
  ADD CONSTRAINT levy_balance_disposition_cost_outstanding_exact CHECK (disposition_cost_outstanding BETWEEN -9007199254740991 AND 9007199254740991);
-- Closed sets of words.
ALTER TABLE records.addressee ADD CONSTRAINT addressee_kind_known CHECK (kind IN ('person', 'company', 'joint', 'association', 'publicBody'));
ALTER TABLE records.addressee ADD CONSTRAINT addressee_sex_known CHECK (sex IN ('male', 'female', 'unknown'));
ALTER TABLE records.addressee ADD CONSTRAINT addressee_residence_known CHECK (residence IN ('resident', 'nonResident'));
ALTER TABLE records.addressee_version ADD CONSTRAINT addressee_version_sex_known CHECK (sex IN ('male', 'female', 'unknown'));
ALTER TABLE records.addressee_version ADD CONSTRAINT addressee_version_residence_known CHECK (residence IN ('resident', 'nonResident'));
ALTER TABLE records.tax_manager ADD CONSTRAINT tax_manager_kind_known CHECK (kind IN ('taxManager', 'heirRepresentative'));
ALTER TABLE records.debit_account ADD CONSTRAINT debit_account_account_type_known CHECK (account_type IN ('ordinary', 'current', 'saving'));
ALTER TABLE records.protection ADD CONSTRAINT protection_kind_known CHECK (kind IN ('domesticViolence', 'stalking', 'childAbuse', 'similar'));
ALTER TABLE records.contact_record ADD CONSTRAINT contact_record_method_known CHECK (method IN ('phone', 'visit', 'counter', 'letter', 'email', 'other'));
ALTER TABLE records.disposition ADD CONSTRAINT disposition_kind_known CHECK (kind IN ('seizure', 'participatingSeizure', 'claimForDistribution'));
ALTER TABLE records.disposition ADD CONSTRAINT disposition_asset_class_known CHECK (asset_class IN ('deposit', 'salary', 'lifeInsurance', 'claim', 'realEstate', 'vehicle', 'movable'));
ALTER TABLE records.disposition_end ADD CONSTRAINT disposition_end_kind_known CHECK (kind IN ('released', 'cancelled', 'completed'));
ALTER TABLE records.asset ADD CONSTRAINT asset_asset_class_known CHECK (asset_class IN ('deposit', 'salary', 'lifeInsurance', 'claim', 'realEstate', 'vehicle', 'movable'));
ALTER TABLE records.execution_stay ADD CONSTRAINT execution_stay_ground_known CHECK (ground IN ('noProperty', 'livingInDistress', 'whereaboutsUnknown'));
ALTER TABLE records.levy_charge ADD CONSTRAINT levy_charge_component_known CHECK (component IN ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'));
ALTER TABLE records.write_off ADD CONSTRAINT write_off_component_known CHECK (component IN ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'));
ALTER TABLE records.write_off ADD CONSTRAINT write_off_cause_known CHECK (cause IN ('limitation', 'stayThreeYears', 'immediate'));
ALTER TABLE records.allocation ADD CONSTRAINT allocation_component_known CHECK (component IN ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'));
ALTER TABLE records.receipt ADD CONSTRAINT receipt_source_known CHECK (source IN ('receiptPlain', 'receiptMpn', 'receiptPayroll', 'convenience', 'elqr', 'directDebit', 'counter', 'manual', 'disposition'));
ALTER TABLE records.receipt ADD CONSTRAINT receipt_match_rule_known CHECK (match_rule IN ('paymentNo', 'levyKey', 'noticeNo', 'payrollKey', 'person', 'none'));
ALTER TABLE records.unidentified_entry ADD CONSTRAINT unidentified_entry_reason_known CHECK (reason IN ('noMatch', 'ambiguous', 'keyMismatch', 'assigned', 'reversed'));
ALTER TABLE records.overpayment ADD CONSTRAINT overpayment_cause_known CHECK (cause IN ('doublePayment', 'excess', 'mistakenSlip', 'overassessed', 'reversed'));
ALTER TABLE records.refund_decision ADD CONSTRAINT refund_decision_outcome_known CHECK (outcome IN ('approved', 'rejected'));
ALTER TABLE records.tax_item ADD CONSTRAINT tax_item_legal_family_known CHECK (legal_family IN ('tax', 'premium'));

-- 3. Journals are insert-only, for everybody. ALWAYS: session_replication_role does not switch the refusal off.

CREATE FUNCTION records.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'A row of the table % is never changed or removed. Enter a correcting row.', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'insert_only', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION records.refuse_change() IS 'Refuses UPDATE, DELETE and TRUNCATE on a journal (design §4).';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY[
    'change', 'idempotency_key', 'addressee_version', 'co_owner', 'tax_manager', 'mailing_address', 'debit_account',
    'protection', 'protection_reach', 'protection_staff', 'levy_line', 'levy_adjustment', 'levy_charge', 'reminder',
    'write_off', 'loaded_file', 'set_aside_record', 'receipt', 'allocation', 'unidentified_entry', 'overpayment',
    'offset_entry', 'refund', 'refund_decision', 'refund_payment', 'delinquency_case', 'case_closing', 'contact_record',
    'disposition', 'disposition_claim', 'disposition_end', 'asset', 'execution_stay', 'stay_cancellation'
  ] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 4. Balances. The triggers below are the only writers of levy_balance.

CREATE FUNCTION records.refuse_direct_balance() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'Balances are derived from the journals and written by nobody else.'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'derived', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION records.refuse_direct_balance() IS 'Refuses every change of a balance that no journal entry made.';

CREATE TRIGGER derived BEFORE INSERT OR UPDATE ON records.levy_balance
  FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION records.refuse_direct_balance();
CREATE TRIGGER derived_kept BEFORE DELETE OR TRUNCATE ON records.levy_balance
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_direct_balance();
ALTER TABLE records.levy_balance ENABLE ALWAYS TRIGGER derived, ENABLE ALWAYS TRIGGER derived_kept;

CREATE FUNCTION records.open_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO records.levy_balance (levy_id, addressee_no, levied, tax_outstanding, entries)
  SELECT id, addressee_no, tax_amount, tax_amount, 1 FROM added;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.open_balance() IS 'Gives each new levy line its balance: one entry, the tax outstanding.';

-- EXECUTE: a plan kept from a load of millions would read all balances for a single payment, and the other way round.
CREATE FUNCTION records.apply_to_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  effect text := CASE TG_TABLE_NAME
    WHEN 'levy_adjustment' THEN $q$levy_id, 'tax' AS component, tax_delta AS levied, 0 AS received, 0 AS offset_in,
      0 AS written_off, NULL::date AS paid_on$q$
    WHEN 'levy_charge' THEN $q$levy_id, component, amount AS levied, 0 AS received, 0 AS offset_in,
      0 AS written_off, NULL::date AS paid_on$q$
    WHEN 'allocation' THEN $q$levy_id, component, 0 AS levied,
      CASE WHEN receipt_id IS NOT NULL THEN amount ELSE 0 END AS received,
      CASE WHEN offset_id IS NOT NULL THEN amount ELSE 0 END AS offset_in,
      0 AS written_off, CASE WHEN receipt_id IS NOT NULL THEN effective_on END AS paid_on$q$
    WHEN 'write_off' THEN $q$levy_id, component, 0 AS levied, 0 AS received, 0 AS offset_in,
      amount AS written_off, NULL::date AS paid_on$q$
  END;
  locked bigint;
  wanted bigint;
BEGIN
  -- In the order of the key, so that two transactions on the same lines wait for each other and never in a ring.
  EXECUTE 'SELECT pg_catalog.count(*) FROM (SELECT FROM records.levy_balance
    WHERE levy_id IN (SELECT levy_id FROM added) ORDER BY levy_id FOR NO KEY UPDATE) AS held' INTO locked;
  EXECUTE 'SELECT pg_catalog.count(DISTINCT levy_id) FROM added' INTO wanted;
  IF locked <> wanted THEN
    RAISE EXCEPTION 'A levy line has no balance. Run kuramori ledger verify.'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'levy_balance_present',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  EXECUTE pg_catalog.format($q$
    UPDATE records.levy_balance AS b SET
      levied = b.levied + d.levied, received = b.received + d.received, offset_in = b.offset_in + d.offset_in,
      written_off = b.written_off + d.written_off, tax_outstanding = b.tax_outstanding + d.tax,
      reminder_fee_outstanding = b.reminder_fee_outstanding + d.reminder_fee,
      late_charge_outstanding = b.late_charge_outstanding + d.late_charge,
      penalty_outstanding = b.penalty_outstanding + d.penalty,
      disposition_cost_outstanding = b.disposition_cost_outstanding + d.disposition_cost,
      last_paid_on = GREATEST(b.last_paid_on, d.last_paid_on), entries = b.entries + d.entries
    FROM (
      SELECT levy_id, sum(levied)::bigint AS levied, sum(received)::bigint AS received,
        sum(offset_in)::bigint AS offset_in, sum(written_off)::bigint AS written_off,
        coalesce(sum(outstanding) FILTER (WHERE component = 'tax'), 0)::bigint AS tax,
        coalesce(sum(outstanding) FILTER (WHERE component = 'reminderFee'), 0)::bigint AS reminder_fee,
        coalesce(sum(outstanding) FILTER (WHERE component = 'lateCharge'), 0)::bigint AS late_charge,
        coalesce(sum(outstanding) FILTER (WHERE component = 'penalty'), 0)::bigint AS penalty,
        coalesce(sum(outstanding) FILTER (WHERE component = 'dispositionCost'), 0)::bigint AS disposition_cost,
        max(paid_on) AS last_paid_on, count(*)::integer AS entries
      FROM (SELECT *, levied - received - offset_in - written_off AS outstanding FROM (SELECT %s FROM added) AS e) AS o
      GROUP BY levy_id
    ) AS d
    WHERE b.levy_id = d.levy_id$q$, effect);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.apply_to_balance() IS
  'Carries the entries of one statement into the balances: per component, levied - received - offset - written off (handbook 01 §2).';

CREATE TRIGGER balance AFTER INSERT ON records.levy_line REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.open_balance();
CREATE TRIGGER balance AFTER INSERT ON records.levy_adjustment REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.apply_to_balance();
CREATE TRIGGER balance AFTER INSERT ON records.levy_charge REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.apply_to_balance();
CREATE TRIGGER balance AFTER INSERT ON records.allocation REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.apply_to_balance();
CREATE TRIGGER balance AFTER INSERT ON records.write_off REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.apply_to_balance();

-- 5. At commit: every yen of a receipt is allocated, overpaid or unidentified; every yen of an offset is allocated.
-- A constraint trigger knows rows only; millions of them would cost minutes. So each statement leaves one line with the
-- keys it touched, and the first line that is checked at commit takes all lines of its transaction in one pass.

CREATE UNLOGGED TABLE records.commit_check (
  xact xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
  id bigint GENERATED ALWAYS AS IDENTITY,
  made_receipt_ids bigint[] NOT NULL DEFAULT '{}',
  receipt_ids bigint[] NOT NULL DEFAULT '{}',
  offset_ids bigint[] NOT NULL DEFAULT '{}',
  CONSTRAINT commit_check_pk PRIMARY KEY (xact, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE records.commit_check IS 'Keys to check when their transaction commits; empty between transactions.';

CREATE FUNCTION records.note_for_commit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM added) THEN
    RETURN NULL;
  END IF;
  CASE TG_TABLE_NAME
    WHEN 'receipt' THEN
      INSERT INTO records.commit_check (made_receipt_ids) SELECT array_agg(id) FROM added;
    WHEN 'offset_entry' THEN
      INSERT INTO records.commit_check (offset_ids) SELECT array_agg(id) FROM added;
    WHEN 'allocation' THEN
      INSERT INTO records.commit_check (receipt_ids, offset_ids)
      SELECT coalesce(array_agg(DISTINCT receipt_id) FILTER (WHERE receipt_id IS NOT NULL), '{}'),
        coalesce(array_agg(DISTINCT offset_id) FILTER (WHERE offset_id IS NOT NULL), '{}') FROM added;
    ELSE
      INSERT INTO records.commit_check (receipt_ids) SELECT array_agg(DISTINCT receipt_id) FROM added;
  END CASE;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.note_for_commit() IS 'Notes which receipts and offsets a statement touched.';

CREATE TRIGGER commit_note AFTER INSERT ON records.receipt REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.note_for_commit();
CREATE TRIGGER commit_note AFTER INSERT ON records.allocation REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.note_for_commit();
CREATE TRIGGER commit_note AFTER INSERT ON records.overpayment REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.note_for_commit();
CREATE TRIGGER commit_note AFTER INSERT ON records.unidentified_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.note_for_commit();
CREATE TRIGGER commit_note AFTER INSERT ON records.offset_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.note_for_commit();

CREATE FUNCTION records.check_at_commit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made bigint[];
  touched bigint[];
  offsets bigint[];
  failed boolean;
BEGIN
  WITH mine AS (
    DELETE FROM records.commit_check WHERE xact = pg_current_xact_id() RETURNING made_receipt_ids, receipt_ids, offset_ids
  )
  SELECT (SELECT array_agg(m) FROM mine, unnest(made_receipt_ids) AS m),
    (SELECT array_agg(DISTINCT r) FROM mine, unnest(receipt_ids) AS r),
    (SELECT array_agg(DISTINCT o) FROM mine, unnest(offset_ids) AS o)
  INTO made, touched, offsets;
  -- Receipts of others may be moved by two transactions at once; receipts made here are seen by nobody else yet.
  EXECUTE 'SELECT count(*) > 0 FROM (SELECT FROM records.receipt WHERE id IN (
      SELECT unnest($1) EXCEPT SELECT unnest($2)) ORDER BY id FOR NO KEY UPDATE) AS held' INTO failed USING touched, made;
  EXECUTE $q$
    WITH subject AS MATERIALIZED (SELECT unnest($1) AS id UNION SELECT unnest($2))
    SELECT EXISTS (
      SELECT FROM (
        SELECT r.id, r.amount, 0 AS unidentified, r.amount AS total FROM subject JOIN records.receipt AS r USING (id)
        UNION ALL
        SELECT a.receipt_id, -a.amount, 0, 0 FROM subject JOIN records.allocation AS a ON a.receipt_id = subject.id
        UNION ALL
        SELECT p.receipt_id, -p.amount, 0, 0 FROM subject JOIN records.overpayment AS p ON p.receipt_id = subject.id
        UNION ALL
        SELECT u.receipt_id, -u.amount, u.amount, 0
        FROM subject JOIN records.unidentified_entry AS u ON u.receipt_id = subject.id
      ) AS part
      GROUP BY id
      -- What is unidentified lies between nothing and the whole: an amount assigned twice would leave less than nothing.
      HAVING sum(amount) <> 0 OR sum(unidentified) NOT BETWEEN least(sum(total), 0) AND greatest(sum(total), 0)
    )$q$ INTO failed USING touched, made;
  IF failed THEN
    RAISE EXCEPTION 'A receipt is not wholly allocated, overpaid or unidentified, each yen once.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_balanced', SCHEMA = 'records', TABLE = 'receipt';
  END IF;
  EXECUTE $q$
    WITH subject AS MATERIALIZED (SELECT unnest($1) AS id)
    SELECT EXISTS (
      SELECT FROM (
        SELECT o.id, o.amount FROM subject JOIN records.offset_entry AS o USING (id)
        UNION ALL
        SELECT a.offset_id, -a.amount FROM subject JOIN records.allocation AS a ON a.offset_id = subject.id
      ) AS part
      GROUP BY id HAVING sum(amount) <> 0
    )$q$ INTO failed USING offsets;
  IF failed THEN
    RAISE EXCEPTION 'An offset is not wholly allocated to its levy line.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'offset_allocated', SCHEMA = 'records', TABLE = 'offset_entry';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_at_commit() IS
  'Checks all receipts and offsets a transaction touched. SET CONSTRAINTS records.balanced_at_commit IMMEDIATE asks earlier.';

CREATE CONSTRAINT TRIGGER balanced_at_commit AFTER INSERT ON records.commit_check
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION records.check_at_commit();

-- 6. Reversals undo exactly one receipt, wholly (handbook 01 §4.1).

CREATE FUNCTION records.check_reversal() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM records.receipt AS original
    WHERE original.id = NEW.reverses_id AND original.reverses_id IS NULL
      AND original.tax_amount = -NEW.tax_amount AND original.late_charge_amount = -NEW.late_charge_amount
  ) THEN
    RAISE EXCEPTION 'A reversal must name a receipt that is no reversal and carry its amounts with the opposite sign.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_reversal_whole', SCHEMA = 'records', TABLE = 'receipt';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_reversal() IS 'A reversal carries the amounts of its receipt with the opposite sign.';

CREATE TRIGGER reversal AFTER INSERT ON records.receipt
  FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION records.check_reversal();

-- 7. An overpayment is given back once (handbook 04 §1, §2): refunds that were not rejected plus offsets stay within its
-- amount, and within what the receipt and its reversal leave of all its overpayments.

CREATE FUNCTION records.check_overpayment_room() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  roots bigint[];
  failed boolean;
BEGIN
  IF TG_TABLE_NAME = 'overpayment' THEN
    SELECT array_agg(DISTINCT coalesce(r.reverses_id, r.id)) INTO roots
    FROM added JOIN records.receipt AS r ON r.id = added.receipt_id WHERE added.amount < 0;
  ELSE
    SELECT array_agg(DISTINCT coalesce(r.reverses_id, r.id)) INTO roots
    FROM added JOIN records.overpayment AS p ON p.id = added.overpayment_id JOIN records.receipt AS r ON r.id = p.receipt_id;
  END IF;
  IF roots IS NULL THEN
    RETURN NULL;
  END IF;
  -- Two clerks on one overpayment wait for each other here; what is read below is read after the wait.
  PERFORM FROM records.receipt WHERE id = ANY (roots) ORDER BY id FOR NO KEY UPDATE;
  SELECT EXISTS (
    SELECT FROM (
      SELECT coalesce(r.reverses_id, r.id) AS root, p.amount,
        (SELECT coalesce(sum(o.amount), 0) FROM records.offset_entry AS o WHERE o.overpayment_id = p.id)
        + (SELECT coalesce(sum(f.amount), 0) FROM records.refund AS f
           LEFT JOIN records.refund_decision AS d ON d.refund_id = f.id
           WHERE f.overpayment_id = p.id AND d.outcome IS DISTINCT FROM 'rejected') AS given_back
      FROM records.receipt AS r JOIN records.overpayment AS p ON p.receipt_id = r.id
      WHERE r.id = ANY (roots) OR r.reverses_id = ANY (roots)
    ) AS room
    GROUP BY root
    HAVING bool_or(given_back > greatest(amount, 0)) OR sum(given_back) > sum(amount)
  ) INTO failed;
  IF failed THEN
    RAISE EXCEPTION 'More would be given back than the overpayment has left.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'overpayment_room', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_overpayment_room() IS 'Refuses to give an overpayment back twice.';

CREATE TRIGGER room AFTER INSERT ON records.refund REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_overpayment_room();
CREATE TRIGGER room AFTER INSERT ON records.offset_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_overpayment_room();
CREATE TRIGGER room AFTER INSERT ON records.overpayment REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_overpayment_room();

CREATE FUNCTION records.check_refund_decision() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM records.refund WHERE id = NEW.refund_id AND proposed_by = NEW.decided_by) THEN
    RAISE EXCEPTION 'A refund is decided by another person than the one who proposed it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_decision_second_person',
        SCHEMA = 'records', TABLE = 'refund_decision';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_refund_decision() IS 'The second person: who proposed a refund does not decide it.';

CREATE TRIGGER second_person AFTER INSERT ON records.refund_decision
  FOR EACH ROW EXECUTE FUNCTION records.check_refund_decision();

CREATE FUNCTION records.check_refund_payment() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM records.refund_decision WHERE refund_id = NEW.refund_id AND outcome <> 'approved') THEN
    RAISE EXCEPTION 'A refund that was not approved is not paid.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_payment_approved',
        SCHEMA = 'records', TABLE = 'refund_payment';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_refund_payment() IS 'Only an approved refund is paid.';

CREATE TRIGGER approved AFTER INSERT ON records.refund_payment
  FOR EACH ROW EXECUTE FUNCTION records.check_refund_payment();

DO $$
DECLARE guard record;
BEGIN
  FOR guard IN
    SELECT tgrelid::regclass AS of_table, tgname FROM pg_catalog.pg_trigger
    WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'records.%'
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.of_table, guard.tgname);
  END LOOP;
END $$;

-- 8. Row locks for those who may not update: SELECT … FOR UPDATE asks for a privilege that nobody has on a journal.

CREATE FUNCTION records.lock_receipts(ids bigint[]) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM (SELECT FROM records.receipt WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE) AS held
$$;
COMMENT ON FUNCTION records.lock_receipts(bigint[]) IS 'Locks receipts until commit, before balances; answers how many exist.';

CREATE FUNCTION records.lock_levies(ids bigint[]) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM (SELECT FROM records.levy_balance WHERE levy_id = ANY (ids) ORDER BY levy_id FOR NO KEY UPDATE) AS held
$$;
COMMENT ON FUNCTION records.lock_levies(bigint[]) IS 'Locks balances of levy lines until commit; answers how many exist.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA records FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.lock_receipts(bigint[]), records.lock_levies(bigint[])
  TO kuramori_gateway, kuramori_loader;

-- 9. Grants. The bytes of records set aside are read by loads only; commit_check by nobody.

GRANT SELECT ON
  records.municipality, records.holiday, records.tax_item, records.yearly_rate,
  records.change, records.idempotency_key,
  records.addressee, records.addressee_version, records.household, records.co_owner, records.tax_manager,
  records.mailing_address, records.debit_account,
  records.levy_line, records.levy_adjustment, records.levy_charge, records.levy_balance, records.reminder, records.write_off,
  records.loaded_file, records.receipt, records.allocation, records.unidentified_entry,
  records.overpayment, records.offset_entry
  TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON
  records.protection, records.protection_reach, records.protection_staff,
  records.refund, records.refund_decision, records.refund_payment,
  records.delinquency_case, records.case_closing, records.contact_record, records.disposition, records.disposition_claim,
  records.disposition_end, records.asset, records.execution_stay, records.stay_cancellation
  TO kuramori_gateway;
GRANT SELECT ON records.set_aside_record, records.execution_stay, records.stay_cancellation TO kuramori_loader;

GRANT INSERT ON
  records.change, records.idempotency_key, records.receipt, records.allocation, records.unidentified_entry,
  records.overpayment, records.levy_charge
  TO kuramori_gateway, kuramori_loader;
GRANT INSERT ON
  records.offset_entry, records.refund, records.refund_decision, records.refund_payment, records.contact_record,
  records.protection, records.protection_reach, records.protection_staff
  TO kuramori_gateway;
GRANT INSERT ON
  records.levy_line, records.levy_adjustment, records.loaded_file, records.set_aside_record, records.addressee,
  records.addressee_version, records.household, records.co_owner, records.tax_manager, records.mailing_address,
  records.debit_account, records.holiday, records.yearly_rate
  TO kuramori_loader;
GRANT UPDATE ON records.addressee, records.household TO kuramori_loader;

-- 10. Reference data.

INSERT INTO records.tax_item (code, identifier, name, legal_family, allocation_order) VALUES
  ('001', 'residentTaxOrdinary', '個人住民税（普通徴収）', 'tax', 10),
  ('002', 'residentTaxPayroll', '個人住民税（特別徴収）', 'tax', 20),
  ('003', 'residentTaxPension', '個人住民税（年金特徴）', 'tax', 30),
  ('010', 'fixedAssetTax', '固定資産税・都市計画税', 'tax', 40),
  ('020', 'lightVehicleTax', '軽自動車税（種別割）', 'tax', 50),
  ('030', 'corporateTax', '法人市民税', 'tax', 60),
  ('040', 'nhiTax', '国民健康保険税', 'tax', 70),
  ('050', 'nhiPremium', '国民健康保険料', 'premium', 80);

-- 国民の祝日に関する法律, with substitute days (3条2項) and the day between two holidays (3条3項).
INSERT INTO records.holiday (on_day, name) VALUES
  ('2023-01-01', '元日'),
  ('2023-01-02', '休日'),
  ('2023-01-09', '成人の日'),
  ('2023-02-11', '建国記念の日'),
  ('2023-02-23', '天皇誕生日'),
  ('2023-03-21', '春分の日'),
  ('2023-04-29', '昭和の日'),
  ('2023-05-03', '憲法記念日'),
  ('2023-05-04', 'みどりの日'),
  ('2023-05-05', 'こどもの日'),
  ('2023-07-17', '海の日'),
  ('2023-08-11', '山の日'),
  ('2023-09-18', '敬老の日'),
  ('2023-09-23', '秋分の日'),
  ('2023-10-09', 'スポーツの日'),
  ('2023-11-03', '文化の日'),
  ('2023-11-23', '勤労感謝の日'),
  ('2024-01-01', '元日'),
  ('2024-01-08', '成人の日'),
  ('2024-02-11', '建国記念の日'),
  ('2024-02-12', '休日'),
  ('2024-02-23', '天皇誕生日'),
  ('2024-03-20', '春分の日'),
  ('2024-04-29', '昭和の日'),
  ('2024-05-03', '憲法記念日'),
  ('2024-05-04', 'みどりの日'),
  ('2024-05-05', 'こどもの日'),
  ('2024-05-06', '休日'),
  ('2024-07-15', '海の日'),
  ('2024-08-11', '山の日'),
  ('2024-08-12', '休日'),
  ('2024-09-16', '敬老の日'),
  ('2024-09-22', '秋分の日'),
  ('2024-09-23', '休日'),
  ('2024-10-14', 'スポーツの日'),
  ('2024-11-03', '文化の日'),
  ('2024-11-04', '休日'),
  ('2024-11-23', '勤労感謝の日'),
  ('2025-01-01', '元日'),
  ('2025-01-13', '成人の日'),
  ('2025-02-11', '建国記念の日'),
  ('2025-02-23', '天皇誕生日'),
  ('2025-02-24', '休日'),
  ('2025-03-20', '春分の日'),
  ('2025-04-29', '昭和の日'),
  ('2025-05-03', '憲法記念日'),
  ('2025-05-04', 'みどりの日'),
  ('2025-05-05', 'こどもの日'),
  ('2025-05-06', '休日'),
  ('2025-07-21', '海の日'),
  ('2025-08-11', '山の日'),
  ('2025-09-15', '敬老の日'),
  ('2025-09-23', '秋分の日'),
  ('2025-10-13', 'スポーツの日'),
  ('2025-11-03', '文化の日'),
  ('2025-11-23', '勤労感謝の日'),
  ('2025-11-24', '休日'),
  ('2026-01-01', '元日'),
  ('2026-01-12', '成人の日'),
  ('2026-02-11', '建国記念の日'),
  ('2026-02-23', '天皇誕生日'),
  ('2026-03-20', '春分の日'),
  ('2026-04-29', '昭和の日'),
  ('2026-05-03', '憲法記念日'),
  ('2026-05-04', 'みどりの日'),
  ('2026-05-05', 'こどもの日'),
  ('2026-05-06', '休日'),
  ('2026-07-20', '海の日'),
  ('2026-08-11', '山の日'),
  ('2026-09-21', '敬老の日'),
  ('2026-09-22', '休日'),
  ('2026-09-23', '秋分の日'),
  ('2026-10-12', 'スポーツの日'),
  ('2026-11-03', '文化の日'),
  ('2026-11-23', '勤労感謝の日'),
  ('2027-01-01', '元日'),
  ('2027-01-11', '成人の日'),
  ('2027-02-11', '建国記念の日'),
  ('2027-02-23', '天皇誕生日'),
  ('2027-03-21', '春分の日'),
  ('2027-03-22', '休日'),
  ('2027-04-29', '昭和の日'),
  ('2027-05-03', '憲法記念日'),
  ('2027-05-04', 'みどりの日'),
  ('2027-05-05', 'こどもの日'),
  ('2027-07-19', '海の日'),
  ('2027-08-11', '山の日'),
  ('2027-09-20', '敬老の日'),
  ('2027-09-23', '秋分の日'),
  ('2027-10-11', 'スポーツの日'),
  ('2027-11-03', '文化の日'),
  ('2027-11-23', '勤労感謝の日');

-- Tenths of a percent per calendar year (handbook 02 §3, 04 §3).
INSERT INTO records.yearly_rate (year, late_rate_first_tenths, late_rate_after_tenths, refund_interest_tenths) VALUES
  (1963, 73, 146, 73), (1964, 73, 146, 73), (1965, 73, 146, 73), (1966, 73, 146, 73),
  (1967, 73, 146, 73), (1968, 73, 146, 73), (1969, 73, 146, 73), (1970, 73, 146, 73),
  (1971, 73, 146, 73), (1972, 73, 146, 73), (1973, 73, 146, 73), (1974, 73, 146, 73),
  (1975, 73, 146, 73), (1976, 73, 146, 73), (1977, 73, 146, 73), (1978, 73, 146, 73),
  (1979, 73, 146, 73), (1980, 73, 146, 73), (1981, 73, 146, 73), (1982, 73, 146, 73),
  (1983, 73, 146, 73), (1984, 73, 146, 73), (1985, 73, 146, 73), (1986, 73, 146, 73),
  (1987, 73, 146, 73), (1988, 73, 146, 73), (1989, 73, 146, 73), (1990, 73, 146, 73),
  (1991, 73, 146, 73), (1992, 73, 146, 73), (1993, 73, 146, 73), (1994, 73, 146, 73),
  (1995, 73, 146, 73), (1996, 73, 146, 73), (1997, 73, 146, 73), (1998, 73, 146, 73),
  (1999, 73, 146, 73), (2000, 45, 146, 45), (2001, 45, 146, 45), (2002, 41, 146, 41),
  (2003, 41, 146, 41), (2004, 41, 146, 41), (2005, 41, 146, 41), (2006, 41, 146, 41),
  (2007, 44, 146, 44), (2008, 47, 146, 47), (2009, 45, 146, 45), (2010, 43, 146, 43),
  (2011, 43, 146, 43), (2012, 43, 146, 43), (2013, 43, 146, 43), (2014, 29, 92, 19),
  (2015, 28, 91, 18), (2016, 28, 91, 18), (2017, 27, 90, 17), (2018, 26, 89, 16),
  (2019, 26, 89, 16), (2020, 26, 89, 16), (2021, 25, 88, 10), (2022, 24, 87, 9),
  (2023, 24, 87, 9), (2024, 24, 87, 9), (2025, 24, 87, 9), (2026, 28, 91, 13);
