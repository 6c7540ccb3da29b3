-- A payment at the counter writes an entry or two, a load millions. Both were served by statements that are planned anew
-- each time, and planning took most of the time of a single payment. Few entries are now gone through one by one, with
-- plans that are kept, and many in one pass as before. Written by hand.

CREATE OR REPLACE FUNCTION records.apply_to_balance() RETURNS trigger
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
  entry record;
  locked bigint;
  wanted bigint;
BEGIN
  -- In the order of the key, as below. What is planned anew is only how the entries themselves are read.
  IF (SELECT count(*) FROM (SELECT FROM added LIMIT 17) AS first_ones) <= 16 THEN
    FOR entry IN EXECUTE pg_catalog.format('SELECT e.*, levied - received - offset_in - written_off AS outstanding
        FROM (SELECT %s FROM added) AS e ORDER BY levy_id', effect) LOOP
      UPDATE records.levy_balance AS b SET
        levied = b.levied + entry.levied, received = b.received + entry.received,
        offset_in = b.offset_in + entry.offset_in, written_off = b.written_off + entry.written_off,
        tax_outstanding = b.tax_outstanding + CASE entry.component WHEN 'tax' THEN entry.outstanding ELSE 0 END,
        reminder_fee_outstanding = b.reminder_fee_outstanding
          + CASE entry.component WHEN 'reminderFee' THEN entry.outstanding ELSE 0 END,
        late_charge_outstanding = b.late_charge_outstanding
          + CASE entry.component WHEN 'lateCharge' THEN entry.outstanding ELSE 0 END,
        penalty_outstanding = b.penalty_outstanding
          + CASE entry.component WHEN 'penalty' THEN entry.outstanding ELSE 0 END,
        disposition_cost_outstanding = b.disposition_cost_outstanding
          + CASE entry.component WHEN 'dispositionCost' THEN entry.outstanding ELSE 0 END,
        last_paid_on = GREATEST(b.last_paid_on, entry.paid_on), entries = b.entries + 1
      WHERE b.levy_id = entry.levy_id;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'A levy line has no balance. Run kuramori ledger verify.'
          USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'levy_balance_present',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
      END IF;
    END LOOP;
    RETURN NULL;
  END IF;
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

CREATE OR REPLACE FUNCTION records.check_at_commit() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made bigint[];
  touched bigint[];
  offsets bigint[];
  failed boolean := false;
  one bigint;
  rest bigint;
  unidentified bigint;
  total bigint;
BEGIN
  WITH mine AS (
    DELETE FROM records.commit_check WHERE xact = pg_current_xact_id() RETURNING made_receipt_ids, receipt_ids, offset_ids
  )
  SELECT (SELECT array_agg(m) FROM mine, unnest(made_receipt_ids) AS m),
    (SELECT array_agg(DISTINCT r) FROM mine, unnest(receipt_ids) AS r),
    (SELECT array_agg(DISTINCT o) FROM mine, unnest(offset_ids) AS o)
  INTO made, touched, offsets;
  -- A line checked before took those of its whole transaction.
  IF made IS NULL AND touched IS NULL AND offsets IS NULL THEN
    RETURN NULL;
  END IF;
  IF offsets IS NULL AND coalesce(cardinality(made), 0) + coalesce(cardinality(touched), 0) <= 16 THEN
    FOR one IN SELECT unnest(touched) EXCEPT SELECT unnest(made) ORDER BY 1 LOOP
      PERFORM FROM records.receipt WHERE id = one FOR NO KEY UPDATE;
    END LOOP;
    FOR one IN SELECT unnest(touched) UNION SELECT unnest(made) LOOP
      SELECT r.amount - coalesce((SELECT sum(a.amount) FROM records.allocation AS a WHERE a.receipt_id = one), 0)
          - coalesce((SELECT sum(p.amount) FROM records.overpayment AS p WHERE p.receipt_id = one), 0) - u.amount,
        u.amount, r.amount
      INTO rest, unidentified, total
      FROM records.receipt AS r,
        (SELECT coalesce(sum(amount), 0) AS amount FROM records.unidentified_entry WHERE receipt_id = one) AS u
      WHERE r.id = one;
      failed := failed OR (rest = 0 AND unidentified BETWEEN least(total, 0) AND greatest(total, 0)) IS NOT TRUE;
    END LOOP;
    IF failed THEN
      RAISE EXCEPTION 'A receipt is not wholly allocated, overpaid or unidentified, each yen once.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_balanced', SCHEMA = 'records', TABLE = 'receipt';
    END IF;
    RETURN NULL;
  END IF;
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
