-- Hand-written: one order of the ledger's locks. Receipts are locked before levy lines, each in the order of their keys
-- (records.lock_receipts, records.lock_levies). Who begins with the lines and may move what paid them, as a load of
-- adjustments does, must know the receipts before it has locked the lines, so that both are taken here.

CREATE FUNCTION records.lock_levies_with_receipts(ids bigint[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  paying bigint[];
  held bigint;
BEGIN
  FOR attempt IN 1..10 LOOP
    BEGIN
      SELECT array_agg(DISTINCT coalesce(r.reverses_id, r.id)) INTO paying
      FROM records.allocation AS a JOIN records.receipt AS r ON r.id = a.receipt_id WHERE a.levy_id = ANY (ids);
      PERFORM records.lock_receipts(paying);
      held := records.lock_levies(ids);
      IF NOT EXISTS (
        SELECT coalesce(r.reverses_id, r.id)
        FROM records.allocation AS a JOIN records.receipt AS r ON r.id = a.receipt_id WHERE a.levy_id = ANY (ids)
        EXCEPT SELECT unnest(paying)
      ) THEN
        RETURN held;
      END IF;
      -- A payment came in while the locks were waited for: all of them are let go, and taken again with its receipt.
      RAISE EXCEPTION USING ERRCODE = 'KRLCK';
    EXCEPTION WHEN SQLSTATE 'KRLCK' THEN
      NULL;
    END;
  END LOOP;
  RAISE EXCEPTION 'Payments of the levy lines kept coming in while they were to be locked.'
    USING ERRCODE = 'serialization_failure', CONSTRAINT = 'lock_order', SCHEMA = 'records', TABLE = 'levy_balance';
END $$;
COMMENT ON FUNCTION records.lock_levies_with_receipts(bigint[]) IS
  'Locks the receipts that paid levy lines, then the balances of the lines, until commit; answers how many lines exist.';

REVOKE ALL ON FUNCTION records.lock_levies_with_receipts(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.lock_levies_with_receipts(bigint[]) TO kuramori_loader;
