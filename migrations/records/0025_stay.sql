CREATE TABLE "records"."stay_claim" (
	"proposal_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	CONSTRAINT "stay_claim_proposal_id_levy_id_pk" PRIMARY KEY("proposal_id","levy_id")
);
--> statement-breakpoint
CREATE TABLE "records"."stay_decision" (
	"proposal_id" bigint PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."stay_proposal" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."stay_proposal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"addressee_no" text NOT NULL,
	"ground" text NOT NULL,
	"line_count" integer NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "stay_proposal_line_count_positive" CHECK ("records"."stay_proposal"."line_count" > 0)
);
--> statement-breakpoint
ALTER TABLE "records"."execution_stay" ADD COLUMN "proposal_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."stay_claim" ADD CONSTRAINT "stay_claim_proposal_id_stay_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "records"."stay_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_claim" ADD CONSTRAINT "stay_claim_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_decision" ADD CONSTRAINT "stay_decision_proposal_id_stay_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "records"."stay_proposal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_decision" ADD CONSTRAINT "stay_decision_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_proposal" ADD CONSTRAINT "stay_proposal_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."stay_proposal" ADD CONSTRAINT "stay_proposal_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stay_claim_levy" ON "records"."stay_claim" USING btree ("levy_id");--> statement-breakpoint
CREATE INDEX "stay_proposal_addressee" ON "records"."stay_proposal" USING btree ("addressee_no","id");--> statement-breakpoint
CREATE INDEX "execution_stay_of" ON "records"."execution_stay" USING btree ("proposal_id");--> statement-breakpoint
-- Written by hand from here on: what makes these tables journals, and how an approval enters the stays.

ALTER TABLE records.execution_stay ADD CONSTRAINT execution_stay_proposal_id_stay_decision_proposal_id_fk
  FOREIGN KEY (proposal_id) REFERENCES records.stay_decision (proposal_id);
ALTER TABLE records.stay_proposal ADD CONSTRAINT stay_proposal_ground_known
  CHECK (ground IN ('noProperty', 'livingInDistress', 'whereaboutsUnknown'));
ALTER TABLE records.stay_decision ADD CONSTRAINT stay_decision_outcome_known
  CHECK (outcome IN ('approved', 'rejected'));

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['stay_proposal', 'stay_claim', 'stay_decision'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. A proposal is whole when it is made: what the second person read is all that he decides.

CREATE FUNCTION records.check_stay_lines() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  proposal bigint;
BEGIN
  IF TG_TABLE_NAME = 'stay_proposal' THEN proposal := NEW.id; ELSE proposal := NEW.proposal_id; END IF;
  IF EXISTS (
    SELECT FROM records.stay_proposal AS p WHERE p.id = proposal
      AND p.line_count <> (SELECT count(*) FROM records.stay_claim AS c WHERE c.proposal_id = p.id)
  ) THEN
    RAISE EXCEPTION 'A proposal of a stay has another number of lines than it says.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_lines', SCHEMA = 'records', TABLE = 'stay_proposal';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_stay_lines() IS 'Checks at commit that a proposal of a stay has all its lines, and no more.';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['stay_proposal', 'stay_claim'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE CONSTRAINT TRIGGER lines AFTER INSERT ON records.%I DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION records.check_stay_lines()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER lines', journal);
  END LOOP;
END $$;

-- 3. The decision of the second person is what enters the stays: the gateway has no privilege to enter one otherwise.
-- Persons count, not accounts. What was paid, stayed or extinguished meanwhile refuses the approval.

CREATE FUNCTION records.enter_stay() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS d JOIN records.stay_proposal AS p ON p.id = d.proposal_id
    LEFT JOIN access.staff AS proposer ON proposer.staff_id = p.proposed_by
    LEFT JOIN access.staff AS decider ON decider.staff_id = d.decided_by
    WHERE coalesce(proposer.person_id, p.proposed_by) = coalesce(decider.person_id, d.decided_by)
  ) THEN
    RAISE EXCEPTION 'A stay is decided by another person than the one who proposed it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_decision_second_person',
        SCHEMA = 'records', TABLE = 'stay_decision';
  END IF;
  PERFORM FROM records.levy_balance WHERE levy_id IN (
    SELECT c.levy_id FROM added AS d JOIN records.stay_claim AS c USING (proposal_id) WHERE d.outcome = 'approved'
  ) ORDER BY levy_id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.stay_claim AS c USING (proposal_id)
    JOIN records.transfer_line AS l USING (levy_id) JOIN records.transfer_standing AS s USING (transfer_id)
    WHERE d.outcome = 'approved' AND s.is_noted AND NOT s.is_returned
  ) THEN
    -- From the freeze on: no message tells the organization of a stay, so that it would collect the line all the same.
    RAISE EXCEPTION 'The case is with the collection organization, or on its way.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_locked', SCHEMA = 'records', TABLE = 'stay_decision';
  END IF;
  IF EXISTS (
    SELECT FROM added AS d JOIN records.stay_proposal AS p ON p.id = d.proposal_id
    JOIN records.stay_claim AS c ON c.proposal_id = p.id
    JOIN records.levy_line AS l ON l.id = c.levy_id JOIN records.levy_balance AS b ON b.levy_id = c.levy_id
    WHERE d.outcome = 'approved' AND (l.addressee_no <> p.addressee_no OR l.due_on >= d.decided_on OR b.settled
      OR records.limitation_complete(c.levy_id, d.decided_on)
      OR EXISTS (SELECT FROM records.execution_stay AS s WHERE s.levy_id = c.levy_id AND records.stay_in_force(s.id)))
  ) THEN
    RAISE EXCEPTION 'A line is not due, not owed any more, or stayed already.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_stayable', SCHEMA = 'records', TABLE = 'stay_decision';
  END IF;
  INSERT INTO records.execution_stay (levy_id, addressee_no, ground, decided_on, proposal_id, change_id)
  SELECT c.levy_id, p.addressee_no, p.ground, d.decided_on, p.id, d.change_id
  FROM added AS d JOIN records.stay_proposal AS p ON p.id = d.proposal_id
  JOIN records.stay_claim AS c ON c.proposal_id = p.id
  WHERE d.outcome = 'approved' ORDER BY c.proposal_id, c.levy_id;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.enter_stay() IS 'Enters the stays that a second person approved (15条の7①, handbook 03 §6).';

CREATE TRIGGER entered AFTER INSERT ON records.stay_decision REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.enter_stay();
ALTER TABLE records.stay_decision ENABLE ALWAYS TRIGGER entered;

-- 4. The collection lock: what the organization collects is not stayed here.

CREATE TRIGGER collection_lock AFTER INSERT ON records.stay_claim REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_locked_collection();
ALTER TABLE records.stay_claim ENABLE ALWAYS TRIGGER collection_lock;

-- 5. Grants.

REVOKE ALL ON FUNCTION records.check_stay_lines(), records.enter_stay() FROM PUBLIC;
GRANT SELECT ON records.stay_proposal, records.stay_claim, records.stay_decision TO kuramori_gateway;
GRANT INSERT ON records.stay_proposal, records.stay_claim, records.stay_decision, records.stay_cancellation
  TO kuramori_gateway;

-- 6. The built-in roles of a municipality that is founded already hold what a new one's hold from the start.

INSERT INTO access.role_function (role, function, valid_from)
SELECT given.role, given.function, DATE '2000-01-01' FROM (VALUES
  ('delinquencyOfficer', 'stay:propose'), ('sectionChief', 'stay:decide')
) AS given (role, function)
WHERE EXISTS (SELECT FROM access.role r WHERE r.name = given.role)
  AND NOT EXISTS (SELECT FROM access.role_function h WHERE h.role = given.role AND h.function = given.function);
