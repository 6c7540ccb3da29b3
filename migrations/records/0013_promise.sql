CREATE TABLE "records"."instalment_promise" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."instalment_promise_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"case_id" bigint NOT NULL,
	"addressee_no" text NOT NULL,
	"promise_no" integer NOT NULL,
	"promised_on" date NOT NULL,
	"promised_by" text NOT NULL,
	"form" text NOT NULL,
	"payments_acknowledge_all" boolean NOT NULL,
	"amount" bigint NOT NULL,
	"replaces_id" bigint,
	"recorded_by" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "instalment_promise_replaces_id_unique" UNIQUE("replaces_id"),
	CONSTRAINT "instalment_promise_no" UNIQUE("addressee_no","promise_no"),
	CONSTRAINT "instalment_promise_amount_exact" CHECK ("records"."instalment_promise"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "instalment_promise_amount_positive" CHECK ("records"."instalment_promise"."amount" > 0),
	CONSTRAINT "instalment_promise_no_positive" CHECK ("records"."instalment_promise"."promise_no" > 0)
);
--> statement-breakpoint
CREATE TABLE "records"."promise_claim" (
	"promise_id" bigint NOT NULL,
	"levy_id" bigint NOT NULL,
	"component" text NOT NULL,
	"amount" bigint NOT NULL,
	"paid_before" bigint NOT NULL,
	"levied_before" bigint NOT NULL,
	CONSTRAINT "promise_claim_promise_id_levy_id_component_pk" PRIMARY KEY("promise_id","levy_id","component"),
	CONSTRAINT "promise_claim_amount_exact" CHECK ("records"."promise_claim"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "promise_claim_paid_before_exact" CHECK ("records"."promise_claim"."paid_before" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "promise_claim_levied_before_exact" CHECK ("records"."promise_claim"."levied_before" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "promise_claim_amount_positive" CHECK ("records"."promise_claim"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "records"."promise_end" (
	"promise_id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"ended_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."promise_instalment" (
	"promise_id" bigint NOT NULL,
	"instalment_no" smallint NOT NULL,
	"nominal_due_on" date NOT NULL,
	"due_on" date NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "promise_instalment_promise_id_instalment_no_pk" PRIMARY KEY("promise_id","instalment_no"),
	CONSTRAINT "promise_instalment_amount_exact" CHECK ("records"."promise_instalment"."amount" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "promise_instalment_amount_positive" CHECK ("records"."promise_instalment"."amount" > 0),
	CONSTRAINT "promise_instalment_due_order" CHECK ("records"."promise_instalment"."due_on" >= "records"."promise_instalment"."nominal_due_on")
);
--> statement-breakpoint
CREATE TABLE "records"."promise_rule" (
	"valid_from" date PRIMARY KEY NOT NULL,
	"broken_after_missed" smallint NOT NULL,
	"pending_days" smallint NOT NULL,
	CONSTRAINT "promise_rule_broken_after_missed_positive" CHECK ("records"."promise_rule"."broken_after_missed" > 0),
	CONSTRAINT "promise_rule_pending_days_positive" CHECK ("records"."promise_rule"."pending_days" >= 0)
);
--> statement-breakpoint
ALTER TABLE "records"."instalment_promise" ADD CONSTRAINT "instalment_promise_case_id_delinquency_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "records"."delinquency_case"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."instalment_promise" ADD CONSTRAINT "instalment_promise_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."instalment_promise" ADD CONSTRAINT "instalment_promise_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."promise_claim" ADD CONSTRAINT "promise_claim_promise_id_instalment_promise_id_fk" FOREIGN KEY ("promise_id") REFERENCES "records"."instalment_promise"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."promise_claim" ADD CONSTRAINT "promise_claim_levy_id_levy_line_id_fk" FOREIGN KEY ("levy_id") REFERENCES "records"."levy_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."promise_end" ADD CONSTRAINT "promise_end_promise_id_instalment_promise_id_fk" FOREIGN KEY ("promise_id") REFERENCES "records"."instalment_promise"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."promise_end" ADD CONSTRAINT "promise_end_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."promise_instalment" ADD CONSTRAINT "promise_instalment_promise_id_instalment_promise_id_fk" FOREIGN KEY ("promise_id") REFERENCES "records"."instalment_promise"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "instalment_promise_case" ON "records"."instalment_promise" USING btree ("case_id");--> statement-breakpoint
CREATE INDEX "promise_claim_levy" ON "records"."promise_claim" USING btree ("levy_id");--> statement-breakpoint
-- From here on written by hand: what makes these tables journals, when a promise is kept or broken, who may.

ALTER TABLE records.instalment_promise ADD CONSTRAINT instalment_promise_replaces_id_instalment_promise_id_fk
  FOREIGN KEY (replaces_id) REFERENCES records.instalment_promise (id);
ALTER TABLE records.instalment_promise ADD CONSTRAINT instalment_promise_form_known CHECK (form IN ('written', 'oral'));
ALTER TABLE records.promise_claim ADD CONSTRAINT promise_claim_component_known
  CHECK (component IN ('tax', 'reminderFee', 'lateCharge', 'penalty', 'dispositionCost'));
ALTER TABLE records.promise_end ADD CONSTRAINT promise_end_kind_known CHECK (kind IN ('cancelled', 'replaced'));

-- Two instalments due and unpaid break a promise (handbook 03 §5); news of a payment takes up to three weeks (01 §4.2).
INSERT INTO records.promise_rule (valid_from, broken_after_missed, pending_days) VALUES ('2000-01-01', 2, 21);

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['instalment_promise', 'promise_claim', 'promise_instalment', 'promise_end'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. What is promised, what the lines owe and what the instalments add up to are one sum when the transaction commits.

CREATE FUNCTION records.check_promise_sums() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  promise bigint;
BEGIN
  IF TG_TABLE_NAME = 'instalment_promise' THEN promise := NEW.id; ELSE promise := NEW.promise_id; END IF;
  IF EXISTS (
    SELECT FROM records.instalment_promise AS p WHERE p.id = promise AND (
      p.amount <> (SELECT coalesce(sum(c.amount), 0) FROM records.promise_claim AS c WHERE c.promise_id = p.id)
      OR p.amount <> (SELECT coalesce(sum(i.amount), 0) FROM records.promise_instalment AS i WHERE i.promise_id = p.id))
  ) THEN
    RAISE EXCEPTION 'A promise, its lines and its instalments are not the same sum.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'promise_sums', SCHEMA = 'records', TABLE = 'instalment_promise';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_promise_sums() IS 'Checks at commit that a promise, its lines and its instalments agree.';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['instalment_promise', 'promise_claim', 'promise_instalment'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE CONSTRAINT TRIGGER sums AFTER INSERT ON records.%I DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION records.check_promise_sums()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER sums', journal);
  END LOOP;
END $$;

-- 3. Kept or broken is derived and never entered. What was paid since counts up to what was promised of a component; a
-- reduction since then relieves the last instalments. No row is written when a day passes.

CREATE FUNCTION records.promise_payments(promise bigint, on_day date)
  RETURNS TABLE (levy_id bigint, component text, yen bigint)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.levy_id, c.component, greatest(0, least(c.amount, paid.yen - c.paid_before))::bigint
  FROM records.promise_claim AS c
  JOIN records.instalment_promise AS p ON p.id = c.promise_id
  JOIN records.change AS made ON made.id = p.change_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.amount), 0) AS yen FROM records.allocation AS a
    WHERE a.levy_id = c.levy_id AND a.component = c.component AND a.effective_on <= on_day
      -- What is reversed since, but was paid before, was never paid for the promise.
      AND NOT EXISTS (
        SELECT FROM records.receipt AS r JOIN records.change AS undone ON undone.id = r.change_id
        JOIN records.receipt AS o ON o.id = r.reverses_id JOIN records.change AS entered ON entered.id = o.change_id
        WHERE r.id = a.receipt_id AND entered.at < made.at AND undone.at > made.at)
  ) AS paid
  WHERE c.promise_id = promise
$$;
COMMENT ON FUNCTION records.promise_payments(bigint, date) IS
  'What was paid of each promised line and component since the promise, by day of payment, in yen.';

CREATE FUNCTION records.promise_paid(promise bigint, on_day date) RETURNS bigint
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(yen), 0)::bigint FROM records.promise_payments(promise, on_day)
$$;
COMMENT ON FUNCTION records.promise_paid(bigint, date) IS
  '分納誓約の納付済額: what was paid of the promised lines since the promise, by day of payment, in yen.';

CREATE FUNCTION records.promise_relieved(promise bigint) RETURNS bigint
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(greatest(0, least(c.levied_before - levied.yen, c.amount - paid.yen))), 0)::bigint
  FROM records.promise_claim AS c
  JOIN records.promise_payments(promise, 'infinity') AS paid USING (levy_id, component)
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS yen FROM (
      SELECT l.tax_amount AS amount FROM records.levy_line AS l WHERE l.id = c.levy_id AND c.component = 'tax'
      UNION ALL
      SELECT d.tax_delta FROM records.levy_adjustment AS d WHERE d.levy_id = c.levy_id AND c.component = 'tax'
      UNION ALL
      SELECT f.amount FROM records.levy_charge AS f WHERE f.levy_id = c.levy_id AND f.component = c.component
    ) AS e
  ) AS levied
  WHERE c.promise_id = promise
$$;
COMMENT ON FUNCTION records.promise_relieved(bigint) IS
  'What of a promise is not owed any more because the lines were reduced since, in yen.';

CREATE FUNCTION records.promise_schedule(promise bigint)
  RETURNS TABLE (instalment_no smallint, due_on date, need bigint)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH total AS MATERIALIZED (
    SELECT p.amount - records.promise_relieved(p.id) AS owed FROM records.instalment_promise AS p WHERE p.id = promise
  )
  SELECT i.instalment_no, i.due_on, least(sum(i.amount) OVER (ORDER BY i.instalment_no), t.owed)::bigint
  FROM records.promise_instalment AS i CROSS JOIN total AS t
  WHERE i.promise_id = promise
$$;
COMMENT ON FUNCTION records.promise_schedule(bigint) IS 'Each instalment with what must be paid in all by its day, in yen.';

-- What was paid by a day is worked out only for days that are judged: it reads the payments of every line.
CREATE FUNCTION records.promise_broken_on(promise bigint, today date) RETURNS date
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH schedule AS MATERIALIZED (SELECT * FROM records.promise_schedule(promise)),
  rule AS (
    SELECT r.broken_after_missed, r.pending_days, e.ended_on
    FROM records.instalment_promise AS p
    CROSS JOIN LATERAL (
      SELECT u.broken_after_missed, u.pending_days FROM records.promise_rule AS u
      WHERE u.valid_from <= p.promised_on ORDER BY u.valid_from DESC LIMIT 1
    ) AS r
    LEFT JOIN records.promise_end AS e ON e.promise_id = p.id
    WHERE p.id = promise
  ), judged AS MATERIALIZED (
    SELECT s.instalment_no, s.due_on, s.need, r.pending_days, f.need AS need_of_first,
      s.instalment_no = (SELECT max(l.instalment_no) FROM schedule AS l) AS is_last
    FROM schedule AS s CROSS JOIN rule AS r
    LEFT JOIN schedule AS f ON f.instalment_no = s.instalment_no - r.broken_after_missed + 1
    WHERE s.due_on + r.pending_days < least(today, r.ended_on)
  )
  SELECT min(j.due_on) + 1 FROM judged AS j
  WHERE records.promise_paid(promise, j.due_on) < j.need_of_first
    -- After the last one nothing may be left, whatever the number of those that were missed.
    OR (j.is_last AND records.promise_paid(promise, j.due_on + j.pending_days) < j.need)
$$;
COMMENT ON FUNCTION records.promise_broken_on(bigint, date) IS
  '不履行となった日: the day after the due date by which too many instalments were unpaid at once (handbook 03 §5).';

CREATE FUNCTION records.promise_state(promise bigint, today date) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN e.kind IS NOT NULL THEN e.kind
    WHEN records.promise_broken_on(promise, today) IS NOT NULL THEN 'broken'
    WHEN records.promise_paid(promise, 'infinity') + records.promise_relieved(promise) >= p.amount THEN 'kept'
    ELSE 'running' END
  FROM records.instalment_promise AS p LEFT JOIN records.promise_end AS e ON e.promise_id = p.id
  WHERE p.id = promise
$$;
COMMENT ON FUNCTION records.promise_state(bigint, date) IS '分納誓約の状態: running, kept, broken, cancelled, replaced.';

CREATE FUNCTION records.promise_instalment_state(promise bigint, instalment smallint, today date) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN records.promise_paid(promise, 'infinity') >= s.need THEN 'paid'
    WHEN s.due_on + r.pending_days < least(today, e.ended_on) THEN 'missed'
    WHEN e.promise_id IS NOT NULL OR records.promise_broken_on(promise, today) IS NOT NULL THEN 'lapsed'
    ELSE 'open' END
  FROM records.promise_schedule(promise) AS s
  JOIN records.instalment_promise AS p ON p.id = promise
  CROSS JOIN LATERAL (
    SELECT u.pending_days FROM records.promise_rule AS u
    WHERE u.valid_from <= p.promised_on ORDER BY u.valid_from DESC LIMIT 1
  ) AS r
  LEFT JOIN records.promise_end AS e ON e.promise_id = p.id
  WHERE s.instalment_no = instalment
$$;
COMMENT ON FUNCTION records.promise_instalment_state(bigint, smallint, date) IS
  '分納計画の状態: open, paid, missed (its day and the days for news have passed), lapsed with its promise.';

-- 4. When a stay (執行停止) extinguishes: three years after it, its first day not counted (15条の7④, 民法143条). What is
-- extinguished nobody takes back: a stay that was cancelled on that day or later is in force as if it had not been.

CREATE FUNCTION records.stay_extinction(decided_on date) RETURNS date
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  -- Without a corresponding day the last is the month's, and the extinction comes on the day after.
  SELECT (f.first + interval '3 years')::date
    + CASE WHEN extract(day FROM f.first + interval '3 years') = extract(day FROM f.first) THEN 0 ELSE 1 END
  FROM (SELECT decided_on + 1 AS first) AS f
$$;
COMMENT ON FUNCTION records.stay_extinction(date) IS '執行停止３年継続による消滅の日 of a stay decided on a day.';

CREATE FUNCTION records.stay_in_force(stay bigint) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT NOT EXISTS (
    SELECT FROM records.execution_stay AS s JOIN records.stay_cancellation AS x ON x.stay_id = s.id
    WHERE s.id = stay AND x.cancelled_on < records.stay_extinction(s.decided_on))
$$;
COMMENT ON FUNCTION records.stay_in_force(bigint) IS 'Whether a stay was not cancelled before it extinguished its line.';

-- 5. The collection lock: what was accepted by the organization is promised to nobody else (handbook 13 §3).

CREATE TRIGGER collection_lock AFTER INSERT ON records.promise_claim REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_locked_collection();
ALTER TABLE records.promise_claim ENABLE ALWAYS TRIGGER collection_lock;

-- 6. Grants. The gateway registers and cancels; jobs read for what is handed over.

REVOKE ALL ON FUNCTION records.check_promise_sums(), records.promise_paid(bigint, date),
  records.promise_payments(bigint, date), records.promise_relieved(bigint), records.promise_schedule(bigint),
  records.promise_broken_on(bigint, date),
  records.promise_state(bigint, date), records.promise_instalment_state(bigint, smallint, date),
  records.stay_extinction(date), records.stay_in_force(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.promise_paid(bigint, date), records.promise_payments(bigint, date),
  records.promise_relieved(bigint),
  records.promise_schedule(bigint), records.promise_broken_on(bigint, date), records.promise_state(bigint, date),
  records.promise_instalment_state(bigint, smallint, date), records.stay_extinction(date), records.stay_in_force(bigint)
  TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON records.promise_rule, records.instalment_promise, records.promise_claim, records.promise_instalment,
  records.promise_end TO kuramori_gateway, kuramori_loader;
GRANT INSERT ON records.instalment_promise, records.promise_claim, records.promise_instalment, records.promise_end
  TO kuramori_gateway;
GRANT INSERT ON records.promise_rule TO kuramori_loader;

-- 7. The built-in roles of a municipality that is founded already hold what a new one's hold from the start.

INSERT INTO access.role_function (role, function, valid_from)
SELECT given.role, given.function, DATE '2000-01-01' FROM (VALUES
  ('delinquencyOfficer', 'promise:read'), ('delinquencyOfficer', 'promise:write'), ('sectionChief', 'promise:read')
) AS given (role, function)
WHERE EXISTS (SELECT FROM access.role r WHERE r.name = given.role)
  AND NOT EXISTS (SELECT FROM access.role_function h WHERE h.role = given.role AND h.function = given.function);
