-- Hand-written: open balances by person, and the balance of an overpayment kept instead of worked out at every reading.
-- schema/records declares the indexes and the table.

-- What a person owes is read from the lines that owe something; levy_balance_open misses those that owe only a charge.
CREATE INDEX levy_balance_unsettled ON records.levy_balance (addressee_no, levy_id) WHERE NOT settled;

-- The rule of 0004 stays where it was written, under another name, for the triggers alone.
ALTER VIEW records.overpayment_balance RENAME TO overpayment_rebuilt;
REVOKE ALL ON records.overpayment_rebuilt FROM kuramori_gateway, kuramori_loader;
COMMENT ON VIEW records.overpayment_rebuilt IS
  '過誤納金残高 worked out from the journals (handbook 04 §1); overpayment_balance keeps what it says.';

CREATE TABLE records.overpayment_balance (
  overpayment_id bigint PRIMARY KEY,
  root_receipt_id bigint NOT NULL,
  offset_out bigint NOT NULL,
  refund_proposed bigint NOT NULL,
  refund_approved bigint NOT NULL,
  refund_paid bigint NOT NULL,
  remaining bigint NOT NULL,
  CONSTRAINT overpayment_balance_offset_out_exact CHECK (offset_out BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT overpayment_balance_refund_proposed_exact
    CHECK (refund_proposed BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT overpayment_balance_refund_approved_exact
    CHECK (refund_approved BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT overpayment_balance_refund_paid_exact CHECK (refund_paid BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT overpayment_balance_remaining_exact CHECK (remaining BETWEEN -9007199254740991 AND 9007199254740991)
);
COMMENT ON TABLE records.overpayment_balance IS
  '過誤納金残高: what of an overpayment was given back and what remains (handbook 04 §1). Derived by triggers.';
GRANT SELECT ON records.overpayment_balance TO kuramori_gateway, kuramori_loader;

INSERT INTO records.overpayment_balance
SELECT overpayment_id, root_receipt_id, offset_out, refund_proposed, refund_approved, refund_paid, remaining
FROM records.overpayment_rebuilt;

-- Few remain open: a page of them must not read all that were ever given back.
CREATE INDEX overpayment_balance_open ON records.overpayment_balance (overpayment_id) WHERE remaining > 0;

-- What remains of one depends on all overpayments of a receipt and its reversal, so all of them are worked out again.
CREATE FUNCTION records.keep_overpayment_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched bigint[];
  roots bigint[];
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'overpayment' THEN
      SELECT array_agg(receipt_id) INTO touched FROM added;
    WHEN 'offset_entry', 'refund' THEN
      SELECT array_agg(p.receipt_id) INTO touched
      FROM added JOIN records.overpayment AS p ON p.id = added.overpayment_id;
    ELSE
      SELECT array_agg(p.receipt_id) INTO touched
      FROM added JOIN records.refund AS f ON f.id = added.refund_id JOIN records.overpayment AS p ON p.id = f.overpayment_id;
  END CASE;
  SELECT array_agg(DISTINCT coalesce(reverses_id, id)) INTO roots FROM records.receipt WHERE id = ANY (touched);
  IF roots IS NULL THEN
    RETURN NULL;
  END IF;
  -- Two who write about one payment wait for each other here, in the ledger's order; what is read below is read after
  -- the wait, so that the later one knows what the earlier one wrote.
  PERFORM FROM records.receipt WHERE id = ANY (roots) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO records.overpayment_balance AS b
  SELECT overpayment_id, root_receipt_id, offset_out, refund_proposed, refund_approved, refund_paid, remaining
  FROM records.overpayment_rebuilt
  WHERE overpayment_id = ANY (ARRAY(
    SELECT p.id FROM records.receipt AS r JOIN records.overpayment AS p ON p.receipt_id = r.id
    WHERE r.id = ANY (roots) OR r.reverses_id = ANY (roots)))
  ON CONFLICT (overpayment_id) DO UPDATE SET
    offset_out = excluded.offset_out, refund_proposed = excluded.refund_proposed,
    refund_approved = excluded.refund_approved, refund_paid = excluded.refund_paid, remaining = excluded.remaining;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.keep_overpayment_balance() IS
  'Carries overpayments, offsets, refunds, decisions and payments into the balances of all overpayments of the payment.';
REVOKE ALL ON FUNCTION records.keep_overpayment_balance() FROM PUBLIC;

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['overpayment', 'offset_entry', 'refund', 'refund_decision', 'refund_payment'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER balance AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.keep_overpayment_balance()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER balance', journal);
  END LOOP;
END $$;

CREATE TRIGGER derived BEFORE INSERT OR UPDATE ON records.overpayment_balance
  FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION records.refuse_direct_balance();
CREATE TRIGGER derived_kept BEFORE DELETE OR TRUNCATE ON records.overpayment_balance
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_direct_balance();
ALTER TABLE records.overpayment_balance ENABLE ALWAYS TRIGGER derived, ENABLE ALWAYS TRIGGER derived_kept;

-- Both the search by beginning and the order of the list are in byte order: a page reads no further than it shows.
DROP INDEX records.addressee_kana;
CREATE INDEX addressee_kana ON records.addressee ((kana_folded COLLATE "C"), addressee_no);
