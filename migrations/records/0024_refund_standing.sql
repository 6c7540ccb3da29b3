CREATE TABLE "records"."refund_standing" (
	"refund_id" bigint PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "refund_standing_state_known" CHECK ("records"."refund_standing"."state" in ('proposed', 'approved', 'rejected', 'paid'))
);
--> statement-breakpoint
CREATE INDEX "refund_standing_state" ON "records"."refund_standing" USING btree ("state","refund_id");--> statement-breakpoint
-- Written by hand from here on: the standing is what the journals say, from the first refund on.

-- Nothing comes in between what is read here and the triggers that go on from it.
LOCK TABLE records.refund, records.refund_decision, records.refund_payment IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO records.refund_standing (refund_id, state)
SELECT f.id, CASE WHEN y.refund_id IS NOT NULL THEN 'paid' ELSE coalesce(d.outcome, 'proposed') END
FROM records.refund AS f LEFT JOIN records.refund_decision AS d ON d.refund_id = f.id
LEFT JOIN records.refund_payment AS y ON y.refund_id = f.id;

-- Each journal names the one before it, so that what comes later is the later state.
CREATE FUNCTION records.keep_refund_standing() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'refund' THEN
      INSERT INTO records.refund_standing (refund_id, state) SELECT id, 'proposed' FROM added;
    WHEN 'refund_decision' THEN
      UPDATE records.refund_standing AS s SET state = a.outcome FROM added AS a WHERE a.refund_id = s.refund_id;
    ELSE
      UPDATE records.refund_standing AS s SET state = 'paid' FROM added AS a WHERE a.refund_id = s.refund_id;
  END CASE;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.keep_refund_standing() IS 'Carries refunds, decisions and payments into the standing of each.';
REVOKE ALL ON FUNCTION records.keep_refund_standing() FROM PUBLIC;

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['refund', 'refund_decision', 'refund_payment'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER standing AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.keep_refund_standing()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER standing', journal);
  END LOOP;
END $$;

CREATE TRIGGER derived BEFORE INSERT OR UPDATE ON records.refund_standing
  FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION records.refuse_direct_balance();
CREATE TRIGGER derived_kept BEFORE DELETE OR TRUNCATE ON records.refund_standing
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_direct_balance();
ALTER TABLE records.refund_standing ENABLE ALWAYS TRIGGER derived, ENABLE ALWAYS TRIGGER derived_kept;

GRANT SELECT ON records.refund_standing TO kuramori_gateway;
