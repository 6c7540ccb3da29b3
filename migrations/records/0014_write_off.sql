CREATE TABLE "records"."write_off_claim" (
	"proposal_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"extinguished_on" date,
	"stay_id" bigint,
	CONSTRAINT "write_off_claim_proposal_id_levy_id_component_pk" PRIMARY KEY("proposal_id","levy_id","component"),
	CONSTRAINT "write_off_claim_amount_exact" CHECK ("records"."write_off_claim"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "write_off_claim_amount_positive" CHECK ("records"."write_off_claim"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "records"."write_off_decision" (
	"proposal_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."write_off_proposal" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."write_off_proposal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"cause" text NOT NULL,
	"amount" bigint NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "write_off_proposal_amount_exact" CHECK ("records"."write_off_proposal"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "write_off_proposal_amount_positive" CHECK ("records"."write_off_proposal"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "records"."write_off" ADD COLUMN "proposal_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."write_off_claim" ADD CONSTRAINT "write_off_claim_proposal_id_write_off_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "records"."write_off_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_claim" ADD CONSTRAINT "write_off_claim_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_claim" ADD CONSTRAINT "write_off_claim_stay_id_execution_stay_id_fk" FOREIGN KEY ("stay_id") REFERENCES "records"."execution_stay"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_decision" ADD CONSTRAINT "write_off_decision_proposal_id_write_off_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "records"."write_off_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_decision" ADD CONSTRAINT "write_off_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_proposal" ADD CONSTRAINT "write_off_proposal_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."write_off_proposal" ADD CONSTRAINT "write_off_proposal_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "write_off_claim_levy" ON "records"."write_off_claim" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "write_off_proposal_addressee" ON "records"."write_off_proposal" USING btree ("addressee_no","id");--> statement-breakpoint
CREATE INDEX "write_off_of" ON "records"."write_off" USING btree ("proposal_id");
--> statement-breakpoint
-- From here on written by hand: what makes these tables journals, and how an approval is booked.

ALTER TABLE records.write_off ADD CONSTRAINT write_off_proposal_id_write_off_decision_proposal_id_fk
  FOREIGN KEY (proposal_id) REFERENCES records.write_off_decision (proposal_id);
ALTER TABLE records.write_off_proposal ADD CONSTRAINT write_off_proposal_cause_known
  CHECK (cause IN ('limitation', 'stayThreeYears', 'immediate'));
ALTER TABLE records.write_off_claim ADD CONSTRAINT write_off_claim_component_known
  CHECK (component IN ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'));
ALTER TABLE records.write_off_decision ADD CONSTRAINT write_off_decision_outcome_known
  CHECK (outcome IN ('approved', 'rejected'));

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['write_off_proposal', 'write_off_claim', 'write_off_decision'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. A proposal is whole when it is made: what the second person read is all that he decides, for every claim that came
-- later would change the sum.

CREATE FUNCTION records.check_write_off_sums() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  proposal bigint;
BEGIN
  IF TG_TABLE_NAME = 'write_off_proposal' THEN proposal := NEW.id; ELSE proposal := NEW.proposal_id; END IF;
  IF EXISTS (
    SELECT FROM records.write_off_proposal AS p WHERE p.id = proposal
      AND p.amount <> (SELECT coalesce(sum(c.amount), 0) FROM records.write_off_claim AS c WHERE c.proposal_id = p.id)
  ) THEN
    RAISE EXCEPTION 'A proposal to write off and its claims are not the same sum.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_sums', SCHEMA = 'records', TABLE = 'write_off_proposal';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_write_off_sums() IS 'Checks at commit that a proposal and its claims agree.';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['write_off_proposal', 'write_off_claim'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE CONSTRAINT TRIGGER sums AFTER INSERT ON records.%I DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION records.check_write_off_sums()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER sums', journal);
  END LOOP;
END $$;

-- 3. The decision of the second person is what writes off: nobody has the privilege to enter a write-off otherwise. Persons
-- count, not accounts. A line is written off whole, as it stands; a yen that came or went meanwhile refuses the approval.

CREATE FUNCTION records.book_write_off() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_proposal AS p ON p.id = d.proposal_id
    LEFT JOIN access.staff AS proposer ON proposer.staff_id = p.proposed_by
    LEFT JOIN access.staff AS decider ON decider.staff_id = d.decided_by
    WHERE coalesce(proposer.person_id, p.proposed_by) = coalesce(decider.person_id, d.decided_by)
  ) THEN
    RAISE EXCEPTION 'A write-off is decided by another person than the one who proposed it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_decision_second_person',
        SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  PERFORM FROM records.levy_balance WHERE levy_id IN (
    SELECT c.levy_id FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id) WHERE d.outcome = 'approved'
  ) ORDER BY levy_id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id)
    JOIN records.transfer_line AS l USING (levy_id) JOIN records.transfer_standing AS s USING (transfer_id)
    WHERE d.outcome = 'approved' AND s.is_locked
  ) THEN
    RAISE EXCEPTION 'The case is with the collection organization, which alone collects it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_locked',
        SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  -- News of a payment from before the extinction takes as long as promises wait for it (handbook 01 §4.2).
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id)
    WHERE d.outcome = 'approved' AND c.extinguished_on IS NOT NULL AND (d.decided_on >= c.extinguished_on + (
      SELECT r.pending_days FROM records.promise_rule AS r
      WHERE r.valid_from <= d.decided_on ORDER BY r.valid_from DESC LIMIT 1)) IS NOT TRUE
  ) THEN
    RAISE EXCEPTION 'A claim is written off when it is extinguished and news of payments is in, not before.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_extinguished',
        SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id)
    JOIN records.allocation AS a ON a.levy_id = c.levy_id AND a.effective_on >= c.extinguished_on
    WHERE d.outcome = 'approved'
    GROUP BY d.proposal_id, a.levy_id, c.component, a.component, a.effective_on HAVING sum(a.amount) > 0
  ) THEN
    RAISE EXCEPTION 'What was paid after the extinction is given back before the rest is written off.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_paid_since',
        SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  IF EXISTS (
    SELECT FROM (
      SELECT DISTINCT c.proposal_id, c.levy_id FROM added AS d JOIN records.write_off_claim AS c USING (proposal_id)
      WHERE d.outcome = 'approved'
    ) AS of_line
    JOIN records.levy_balance AS b USING (levy_id)
    CROSS JOIN LATERAL (VALUES ('tax', b.tax_outstanding), ('reminderFee', b.reminder_fee_outstanding),
      ('lateCharge', b.late_charge_outstanding), ('penalty', b.penalty_outstanding),
      ('dispositionCost', b.disposition_cost_outstanding)) AS owed (component, yen)
    LEFT JOIN records.write_off_claim AS c ON c.proposal_id = of_line.proposal_id AND c.levy_id = of_line.levy_id
      AND c.component = owed.component
    WHERE greatest(owed.yen, 0) <> coalesce(c.amount, 0)
  ) THEN
    RAISE EXCEPTION 'What is written off is not what the lines owe.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_outstanding',
        SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  INSERT INTO records.write_off (levy_id, component, amount, cause, written_off_on, proposal_id, change_id)
  SELECT c.levy_id, c.component, c.amount, p.cause, d.decided_on, p.id, d.change_id
  FROM added AS d JOIN records.write_off_proposal AS p ON p.id = d.proposal_id
  JOIN records.write_off_claim AS c ON c.proposal_id = p.id
  WHERE d.outcome = 'approved' ORDER BY c.proposal_id, c.levy_id, c.component;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.book_write_off() IS
  'Books what a second person approved: each line whole, as it stands, extinguished by then (handbook 03 §6).';

CREATE TRIGGER booked AFTER INSERT ON records.write_off_decision REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.book_write_off();
ALTER TABLE records.write_off_decision ENABLE ALWAYS TRIGGER booked;

-- 4. The collection lock: nothing is written off of what the organization collects; its results would never reconcile.

CREATE TRIGGER collection_lock AFTER INSERT ON records.write_off_claim REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_locked_collection();
ALTER TABLE records.write_off_claim ENABLE ALWAYS TRIGGER collection_lock;

-- 5. Grants.

REVOKE ALL ON FUNCTION records.check_write_off_sums(), records.book_write_off() FROM PUBLIC;
GRANT SELECT ON records.write_off_proposal, records.write_off_claim, records.write_off_decision
  TO kuramori_gateway, kuramori_loader;
GRANT INSERT ON records.write_off_proposal, records.write_off_claim, records.write_off_decision TO kuramori_gateway;

-- 6. The built-in roles of a municipality that is founded already hold what a new one's hold from the start.

INSERT INTO access.role_function (role, function, valid_from)
SELECT given.role, given.function, DATE '2000-01-01' FROM (VALUES
  ('delinquencyOfficer', 'writeOff:read'), ('delinquencyOfficer', 'writeOff:propose'),
  ('sectionChief', 'writeOff:read'), ('sectionChief', 'writeOff:decide')
) AS given (role, function)
WHERE EXISTS (SELECT FROM access.role r WHERE r.name = given.role)
  AND NOT EXISTS (SELECT FROM access.role_function h WHERE h.role = given.role AND h.function = given.function);
