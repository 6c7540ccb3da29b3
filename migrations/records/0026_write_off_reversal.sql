CREATE TABLE "records"."write_off_reversal_decision" (
	"reversal_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."write_off_reversal_line" (
	"reversal_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	CONSTRAINT "write_off_reversal_line_reversal_id_levy_id_pk" PRIMARY KEY("reversal_id","levy_id")
);
--> statement-breakpoint
CREATE TABLE "records"."write_off_reversal" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."write_off_reversal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"proposal_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"amount" bigint NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "write_off_reversal_amount_exact" CHECK ("records"."write_off_reversal"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "write_off_reversal_amount_positive" CHECK ("records"."write_off_reversal"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "records"."write_off" ADD COLUMN "reversal_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal_decision" ADD CONSTRAINT "write_off_reversal_decision_reversal_id_write_off_reversal_id_fk" FOREIGN KEY ("reversal_id") REFERENCES "records"."write_off_reversal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal_decision" ADD CONSTRAINT "write_off_reversal_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal_line" ADD CONSTRAINT "write_off_reversal_line_reversal_id_write_off_reversal_id_fk" FOREIGN KEY ("reversal_id") REFERENCES "records"."write_off_reversal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal_line" ADD CONSTRAINT "write_off_reversal_line_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal" ADD CONSTRAINT "write_off_reversal_proposal_id_write_off_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "records"."write_off_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal" ADD CONSTRAINT "write_off_reversal_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_reversal" ADD CONSTRAINT "write_off_reversal_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "write_off_reversal_line_levy" ON "records"."write_off_reversal_line" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "write_off_reversal_of" ON "records"."write_off_reversal" USING btree ("proposal_id");--> statement-breakpoint
CREATE INDEX "write_off_reversal_addressee" ON "records"."write_off_reversal" USING btree ("addressee_no","id");--> statement-breakpoint
CREATE INDEX "write_off_reversed_by" ON "records"."write_off" USING btree ("reversal_id");--> statement-breakpoint
-- Written by hand from here on: what makes these tables journals, and how an approval is booked.

ALTER TABLE records.write_off ADD CONSTRAINT write_off_reversal_id_write_off_reversal_decision_fk
  FOREIGN KEY (reversal_id) REFERENCES records.write_off_reversal_decision (reversal_id);
-- What takes back has the opposite sign, and says by which decision.
ALTER TABLE records.write_off ADD CONSTRAINT write_off_reversal_sign
  CHECK (reversal_id IS NULL OR (amount < 0 AND proposal_id IS NOT NULL));
ALTER TABLE records.write_off_reversal_decision ADD CONSTRAINT write_off_reversal_decision_outcome_known
  CHECK (outcome IN ('approved', 'rejected'));

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['write_off_reversal', 'write_off_reversal_line', 'write_off_reversal_decision'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. A proposal is whole when it is made: a line that came later would change its sum. What was taken back already is
-- nothing any more.

CREATE FUNCTION records.check_write_off_reversal_sums() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  reversal bigint;
BEGIN
  IF TG_TABLE_NAME = 'write_off_reversal' THEN reversal := NEW.id; ELSE reversal := NEW.reversal_id; END IF;
  IF EXISTS (
    SELECT FROM records.write_off_reversal AS r JOIN records.write_off_proposal AS p ON p.id = r.proposal_id
    WHERE r.id = reversal AND (p.addressee_no <> r.addressee_no OR r.amount <> (
      SELECT coalesce(sum(w.amount), 0) FROM records.write_off_reversal_line AS l
      JOIN records.write_off AS w ON w.levy_id = l.levy_id AND w.proposal_id = r.proposal_id
      WHERE l.reversal_id = r.id))
  ) THEN
    RAISE EXCEPTION 'A proposal to take a write-off back is not what is written off.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_reversal_sums',
        SCHEMA = 'records', TABLE = 'write_off_reversal';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_write_off_reversal_sums() IS
  'Checks at commit that a proposal to take a write-off back has all its lines, and what was written off of them.';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['write_off_reversal', 'write_off_reversal_line'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE CONSTRAINT TRIGGER sums AFTER INSERT ON records.%I DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION records.check_write_off_reversal_sums()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER sums', journal);
  END LOOP;
END $$;

-- 3. The decision of the second person is what books it, by entries of the opposite sign: nobody has the privilege to enter
-- one otherwise. Persons count, not accounts.

CREATE FUNCTION records.book_write_off_reversal() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_reversal AS r ON r.id = d.reversal_id
    LEFT JOIN access.staff AS proposer ON proposer.staff_id = r.proposed_by
    LEFT JOIN access.staff AS decider ON decider.staff_id = d.decided_by
    WHERE coalesce(proposer.person_id, r.proposed_by) = coalesce(decider.person_id, d.decided_by)
  ) THEN
    RAISE EXCEPTION 'Another person decides than the one who proposed to take a write-off back.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_reversal_second_person',
        SCHEMA = 'records', TABLE = 'write_off_reversal_decision';
  END IF;
  PERFORM FROM records.levy_balance WHERE levy_id IN (
    SELECT l.levy_id FROM added AS d JOIN records.write_off_reversal_line AS l USING (reversal_id)
    WHERE d.outcome = 'approved'
  ) ORDER BY levy_id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_reversal_line AS c USING (reversal_id)
    JOIN records.transfer_line AS l USING (levy_id) JOIN records.transfer_standing AS s USING (transfer_id)
    WHERE d.outcome = 'approved' AND s.is_locked
  ) THEN
    RAISE EXCEPTION 'The case is with the collection organization, which alone collects it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_locked',
        SCHEMA = 'records', TABLE = 'write_off_reversal_decision';
  END IF;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_reversal AS r ON r.id = d.reversal_id
    WHERE d.outcome = 'approved' AND r.amount <> (
      SELECT coalesce(sum(w.amount), 0) FROM records.write_off_reversal_line AS l
      JOIN records.write_off AS w ON w.levy_id = l.levy_id AND w.proposal_id = r.proposal_id
      WHERE l.reversal_id = r.id)
  ) THEN
    RAISE EXCEPTION 'What would be taken back is not what is written off.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_reversal_sums',
        SCHEMA = 'records', TABLE = 'write_off_reversal_decision';
  END IF;
  INSERT INTO records.write_off (levy_id, component, amount, cause, written_off_on, proposal_id, reversal_id, change_id)
  SELECT w.levy_id, w.component, -sum(w.amount), w.cause, d.decided_on, r.proposal_id, r.id, d.change_id
  FROM added AS d JOIN records.write_off_reversal AS r ON r.id = d.reversal_id
  JOIN records.write_off_reversal_line AS l ON l.reversal_id = r.id
  JOIN records.write_off AS w ON w.levy_id = l.levy_id AND w.proposal_id = r.proposal_id
  WHERE d.outcome = 'approved'
  GROUP BY w.levy_id, w.component, w.cause, d.decided_on, r.proposal_id, r.id, d.change_id HAVING sum(w.amount) <> 0
  ORDER BY r.id, w.levy_id, w.component;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.book_write_off_reversal() IS
  'Books what a second person approved to take back: each line whole, by entries of the opposite sign (handbook 03 §6).';

CREATE TRIGGER booked AFTER INSERT ON records.write_off_reversal_decision REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.book_write_off_reversal();
ALTER TABLE records.write_off_reversal_decision ENABLE ALWAYS TRIGGER booked;

-- 4. Grants.

REVOKE ALL ON FUNCTION records.check_write_off_reversal_sums(), records.book_write_off_reversal() FROM PUBLIC;
GRANT SELECT ON records.write_off_reversal, records.write_off_reversal_line, records.write_off_reversal_decision
  TO kuramori_gateway;
GRANT INSERT ON records.write_off_reversal, records.write_off_reversal_line, records.write_off_reversal_decision
  TO kuramori_gateway;
