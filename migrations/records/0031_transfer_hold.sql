CREATE TABLE "records"."transfer_hold_end" (
	"hold_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_hold_end_outcome_known" CHECK ("records"."transfer_hold_end"."outcome" in ('taken', 'heldAnew'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_hold" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_hold_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"round_id" bigint NOT NULL,
	"result_id" uuid NOT NULL,
	"series_no" integer NOT NULL,
	"case_no" text,
	"code" text NOT NULL,
	"file" text,
	"row_no" integer,
	"collected" bigint NOT NULL,
	"held_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_hold_collected_exact" CHECK ("records"."transfer_hold"."collected" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "transfer_hold_code_known" CHECK ("records"."transfer_hold"."code" in ('unknownCase', 'unknownLine', 'reportedTwice', 'partsDiffer', 'futureDay', 'futureTime', 'beforeHandOver', 'exceedsTax', 'exceedsFee', 'otherDisposition', 'endOfNothing', 'endsBeforeBegin', 'endsOtherwise', 'tooManyRows', 'malformed', 'unreadable', 'earlierHeld'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_set_aside_decision" (
	"set_aside_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_set_aside_decision_outcome_known" CHECK ("records"."transfer_set_aside_decision"."outcome" in ('approved', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_set_aside" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_set_aside_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"hold_id" bigint NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "records"."transfer_hold_end" ADD CONSTRAINT "transfer_hold_end_hold_id_transfer_hold_id_fk" FOREIGN KEY ("hold_id") REFERENCES "records"."transfer_hold"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_hold_end" ADD CONSTRAINT "transfer_hold_end_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_hold" ADD CONSTRAINT "transfer_hold_round_id_transfer_round_id_fk" FOREIGN KEY ("round_id") REFERENCES "records"."transfer_round"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_hold" ADD CONSTRAINT "transfer_hold_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_set_aside_decision" ADD CONSTRAINT "transfer_set_aside_decision_set_aside_id_transfer_set_aside_id_fk" FOREIGN KEY ("set_aside_id") REFERENCES "records"."transfer_set_aside"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_set_aside_decision" ADD CONSTRAINT "transfer_set_aside_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_set_aside" ADD CONSTRAINT "transfer_set_aside_hold_id_transfer_hold_id_fk" FOREIGN KEY ("hold_id") REFERENCES "records"."transfer_hold"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_set_aside" ADD CONSTRAINT "transfer_set_aside_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "transfer_hold_round" ON "records"."transfer_hold" USING btree ("round_id","series_no","id");--> statement-breakpoint
CREATE INDEX "transfer_set_aside_hold" ON "records"."transfer_set_aside" USING btree ("hold_id");--> statement-breakpoint
-- From here on written by hand: what the records refuse of a result is held, case by case, and shown; two people may set it
-- aside. Handbook 13 §7, §8.

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['transfer_hold', 'transfer_hold_end', 'transfer_set_aside', 'transfer_set_aside_decision'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. Where a hold stands.

-- Invoker's rights and no path of its own, so that a statement over many holds takes it in as part of itself.
CREATE FUNCTION records.transfer_hold_state(hold bigint) RETURNS text
  LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT e.outcome FROM records.transfer_hold_end AS e WHERE e.hold_id = hold),
    (SELECT 'setAside' FROM records.transfer_set_aside AS p
      JOIN records.transfer_set_aside_decision AS d ON d.set_aside_id = p.id AND d.outcome = 'approved'
      WHERE p.hold_id = hold LIMIT 1),
    'held')
$$;
COMMENT ON FUNCTION records.transfer_hold_state(bigint) IS 'Where a hold of a result stands: held, taken, heldAnew, setAside.';

-- What the organization owes for a result: all that it says it collected, but for what was set aside.
CREATE FUNCTION records.result_collected(result bigint) RETURNS bigint
  LANGUAGE sql STABLE AS $$
  SELECT r.collected - coalesce((SELECT sum(h.collected) FROM records.transfer_hold AS h
    WHERE h.result_id = r.result_id AND records.transfer_hold_state(h.id) = 'setAside'), 0)::bigint
  FROM records.transfer_result AS r WHERE r.id = result
$$;
COMMENT ON FUNCTION records.result_collected(bigint) IS 'Yen of a result for which money is to come.';

-- 3. Two people, not two accounts; and what has ended meanwhile is not set aside.

CREATE FUNCTION records.check_set_aside() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS d JOIN records.transfer_set_aside AS p ON p.id = d.set_aside_id
    LEFT JOIN access.staff AS proposer ON proposer.staff_id = p.proposed_by
    LEFT JOIN access.staff AS decider ON decider.staff_id = d.decided_by
    WHERE coalesce(proposer.person_id, p.proposed_by) = coalesce(decider.person_id, d.decided_by)
  ) THEN
    RAISE EXCEPTION 'What is held of a result is set aside by another person than the one who proposed it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'set_aside_second_person',
        SCHEMA = 'records', TABLE = 'transfer_set_aside_decision';
  END IF;
  -- A job that takes it at this moment waits here, or is waited for.
  PERFORM FROM records.transfer_hold WHERE id IN (
    SELECT p.hold_id FROM added AS d JOIN records.transfer_set_aside AS p ON p.id = d.set_aside_id
  ) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.transfer_set_aside AS p ON p.id = d.set_aside_id
    WHERE d.outcome = 'approved' AND (
      EXISTS (SELECT FROM records.transfer_hold_end AS e WHERE e.hold_id = p.hold_id)
      OR EXISTS (SELECT FROM records.transfer_set_aside AS o
        JOIN records.transfer_set_aside_decision AS x ON x.set_aside_id = o.id AND x.outcome = 'approved'
        WHERE o.hold_id = p.hold_id AND o.id <> p.id))
  ) THEN
    RAISE EXCEPTION 'What was held is held no more.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'set_aside_held',
        SCHEMA = 'records', TABLE = 'transfer_set_aside_decision';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_set_aside() IS 'What is held of a result is set aside by two people, while it is held.';
CREATE TRIGGER decided AFTER INSERT ON records.transfer_set_aside_decision REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_set_aside();
ALTER TABLE records.transfer_set_aside_decision ENABLE ALWAYS TRIGGER decided;

CREATE FUNCTION records.check_hold_end() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM records.transfer_hold WHERE id IN (SELECT hold_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS e JOIN records.transfer_set_aside AS p USING (hold_id)
    JOIN records.transfer_set_aside_decision AS d ON d.set_aside_id = p.id WHERE d.outcome = 'approved'
  ) THEN
    RAISE EXCEPTION 'What was set aside is not taken any more.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_end_held', SCHEMA = 'records', TABLE = 'transfer_hold_end';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_hold_end() IS 'What two people have set aside of a result is not taken any more.';
CREATE TRIGGER held AFTER INSERT ON records.transfer_hold_end REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_hold_end();
ALTER TABLE records.transfer_hold_end ENABLE ALWAYS TRIGGER held;

-- 4. What is held may tell of acts of the organization: they are not all known (0027_organization_acts.sql).

CREATE OR REPLACE FUNCTION records.organization_acts_known(transfer bigint) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH told AS (
    SELECT r.is_final, o.end_state, o.transfer_id IS NOT NULL AS is_on_it,
      a.dispositions IS NOT NULL AND a.renewals IS NOT NULL AS is_whole
    FROM records.transfer_case AS c JOIN records.transfer_result AS r ON r.round_id = c.round_id
    LEFT JOIN records.transfer_outcome AS o ON o.result_id = r.id AND o.transfer_id = c.id
    LEFT JOIN records.transfer_acts AS a ON a.result_id = r.id
    WHERE c.id = transfer
  )
  SELECT coalesce(bool_or(is_on_it) AND (
    bool_or(end_state = 'returned') AND bool_and(is_whole OR NOT is_on_it) OR bool_or(is_final) AND bool_and(is_whole)
  ) AND NOT EXISTS (
    SELECT FROM records.transfer_case AS c JOIN records.delinquency_case AS d ON d.id = c.case_id
    JOIN records.transfer_hold AS h ON h.round_id = c.round_id AND (h.case_no = d.case_no OR h.case_no IS NULL)
    WHERE c.id = transfer AND records.transfer_hold_state(h.id) = 'held'
  ), false) FROM told
$$;

-- 5. Grants. Jobs hold and take; people propose and decide.

REVOKE ALL ON FUNCTION records.transfer_hold_state(bigint), records.result_collected(bigint), records.check_set_aside(), records.check_hold_end()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.transfer_hold_state(bigint), records.result_collected(bigint) TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON records.transfer_hold, records.transfer_hold_end, records.transfer_set_aside,
  records.transfer_set_aside_decision TO kuramori_gateway, kuramori_loader;
GRANT INSERT ON records.transfer_hold, records.transfer_hold_end TO kuramori_loader;
GRANT INSERT ON records.transfer_set_aside, records.transfer_set_aside_decision TO kuramori_gateway;
