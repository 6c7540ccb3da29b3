CREATE TABLE "records"."transfer_acts" (
	"result_id" bigint PRIMARY KEY NOT NULL,
	"dispositions" integer,
	"renewals" integer,
	"contacts" integer,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."transfer_renewal" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."transfer_renewal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"result_id" bigint NOT NULL,
	"line_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"renewed_on" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "transfer_renewal_once" UNIQUE("line_id","kind","renewed_on"),
	CONSTRAINT "transfer_renewal_kind_known" CHECK ("records"."transfer_renewal"."kind" in ('seizure', 'acknowledgement'))
);
--> statement-breakpoint
ALTER TABLE "records"."contact_record" ADD COLUMN "result_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."disposition_end" ADD COLUMN "result_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD COLUMN "result_id" bigint;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD COLUMN "organization_no" text;--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD COLUMN "receipt_no" text;--> statement-breakpoint
ALTER TABLE "records"."transfer_acts" ADD CONSTRAINT "transfer_acts_result_id_transfer_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "records"."transfer_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_acts" ADD CONSTRAINT "transfer_acts_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_renewal" ADD CONSTRAINT "transfer_renewal_result_id_transfer_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "records"."transfer_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_renewal" ADD CONSTRAINT "transfer_renewal_line_id_transfer_line_id_fk" FOREIGN KEY ("line_id") REFERENCES "records"."transfer_line"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."transfer_renewal" ADD CONSTRAINT "transfer_renewal_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "transfer_renewal_result" ON "records"."transfer_renewal" USING btree ("result_id");--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD CONSTRAINT "disposition_organization_no" UNIQUE("case_id","organization_no");--> statement-breakpoint
ALTER TABLE "records"."disposition" ADD CONSTRAINT "disposition_of_organization" CHECK (("records"."disposition"."result_id" is null) = ("records"."disposition"."organization_no" is null));--> statement-breakpoint
-- From here on written by hand: acts of the collection organization (滞納整理機構) in the case, as its results report them.
-- They count for limitation as the municipality's own do. Handbook 13 §7, 03 §4 and §7.

ALTER TABLE records.disposition ADD CONSTRAINT disposition_result_id_transfer_result_id_fk
  FOREIGN KEY (result_id) REFERENCES records.transfer_result (id);
ALTER TABLE records.disposition_end ADD CONSTRAINT disposition_end_result_id_transfer_result_id_fk
  FOREIGN KEY (result_id) REFERENCES records.transfer_result (id);
ALTER TABLE records.contact_record ADD CONSTRAINT contact_record_result_id_transfer_result_id_fk
  FOREIGN KEY (result_id) REFERENCES records.transfer_result (id);

-- 1. Journals are insert-only, for everybody.

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['transfer_acts', 'transfer_renewal'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;

-- 2. The collection lock holds for the municipality's dispositions; the organization's are what it is for.

CREATE OR REPLACE FUNCTION records.refuse_locked_collection() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held boolean;
BEGIN
  IF TG_TABLE_NAME = 'disposition' THEN
    EXECUTE 'SELECT EXISTS (SELECT FROM added JOIN records.transfer_standing USING (case_id)
      WHERE is_locked AND added.result_id IS NULL)' INTO held;
  ELSE
    EXECUTE 'SELECT EXISTS (SELECT FROM added JOIN records.transfer_line USING (levy_id)
      JOIN records.transfer_standing USING (transfer_id) WHERE is_locked)' INTO held;
  END IF;
  IF held THEN
    RAISE EXCEPTION 'The case is with the collection organization, which alone collects it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_locked', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;

-- 3. An act of the organization is of a case on which the result that tells of it reports; and it ends its own
-- dispositions alone.

CREATE FUNCTION records.check_organization_act() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  act text := CASE TG_TABLE_NAME
    WHEN 'disposition_end' THEN $q$SELECT a.result_id, d.case_id, d.result_id IS NOT NULL AS is_its_own
      FROM added AS a JOIN records.disposition AS d ON d.id = a.disposition_id$q$
    WHEN 'transfer_renewal' THEN $q$SELECT a.result_id, c.case_id, true AS is_its_own FROM added AS a
      JOIN records.transfer_line AS l ON l.id = a.line_id JOIN records.transfer_case AS c ON c.id = l.transfer_id$q$
    ELSE 'SELECT result_id, case_id, true AS is_its_own FROM added'
  END;
  unfounded boolean;
BEGIN
  EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM (%s) AS act WHERE act.result_id IS NOT NULL
    AND NOT (act.is_its_own AND EXISTS (SELECT FROM records.transfer_outcome AS o
      JOIN records.transfer_case AS c ON c.id = o.transfer_id
      WHERE o.result_id = act.result_id AND c.case_id = act.case_id)))', act) INTO unfounded;
  IF unfounded THEN
    RAISE EXCEPTION 'The collection organization does not report on such a case.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_act', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_organization_act() IS 'Acts of the organization are of cases that its result reports on.';

DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['disposition', 'disposition_end', 'contact_record', 'transfer_renewal'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER organization_act AFTER INSERT ON records.%I REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION records.check_organization_act()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER organization_act', journal);
  END LOOP;
END $$;

-- 4. What the organization did while it had a case is known once it has said its last word on it, the return of the case or
-- the final result of the round, and the files about dispositions and renewals were taken: of each result on the case, or
-- of each result of the round. Before, nobody can say that limitation is complete.

CREATE FUNCTION records.organization_acts_known(transfer bigint) RETURNS boolean
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
  ), false) FROM told
$$;
COMMENT ON FUNCTION records.organization_acts_known(bigint) IS
  'Whether all is known that the organization did in a case, so that limitation can be judged (handbook 03 §7).';

CREATE FUNCTION records.check_write_off_held() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added AS d JOIN records.write_off_proposal AS p ON p.id = d.proposal_id AND p.cause = 'limitation'
    JOIN records.write_off_claim AS c ON c.proposal_id = p.id
    WHERE d.outcome = 'approved' AND (
      EXISTS (SELECT FROM records.disposition_claim AS s JOIN records.disposition AS x ON x.id = s.disposition_id
        WHERE s.levy_id = c.levy_id AND x.executed_on < c.extinguished_on
          AND NOT EXISTS (SELECT FROM records.disposition_end AS e WHERE e.disposition_id = x.id))
      OR EXISTS (SELECT FROM records.transfer_line AS l JOIN records.transfer_state AS t USING (transfer_id)
        WHERE l.levy_id = c.levy_id AND t.state = 'active' AND NOT records.organization_acts_known(l.transfer_id)))
  ) THEN
    RAISE EXCEPTION 'Limitation is not complete while a disposition lasts, or acts of the organization are unknown.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'write_off_held', SCHEMA = 'records', TABLE = 'write_off_decision';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.check_write_off_held() IS
  'Refuses to write off by limitation what a disposition, the municipality''s or the organization''s, may hold.';
CREATE TRIGGER held AFTER INSERT ON records.write_off_decision REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.check_write_off_held();
ALTER TABLE records.write_off_decision ENABLE ALWAYS TRIGGER held;

-- 5. What renewed the limitation of a line there is known now, as is what holds it; what was refused for not being known
-- (0022_write_off_accepted.sql) is judged by 4.

-- Invoker's rights and no path of its own, so that a statement over many lines takes it in as part of itself.
CREATE OR REPLACE FUNCTION records.limitation_event(levy bigint) RETURNS TABLE (kind text, begins date, ends date)
  LANGUAGE sql STABLE AS $$
  SELECT DISTINCT e.kind, e.begins, e.ends FROM (
    SELECT 'REMINDER' AS kind, m.sent_on AS begins, m.sent_on AS ends FROM records.reminder AS m WHERE m.levy_id = levy
    UNION ALL
    -- A payment acknowledges the line it is applied to, or all lines of a written promise that says so; what was collected
    -- by force or reversed acknowledges nothing (handbook 03 §5, §7).
    SELECT 'ACKNOWLEDGEMENT', a.effective_on, a.effective_on FROM (
      SELECT levy AS levy_id, '-infinity'::pg_catalog.date AS since, 'infinity'::pg_catalog.date AS until
      UNION ALL
      SELECT DISTINCT o.levy_id, p.promised_on, coalesce(x.ended_on, 'infinity') FROM records.promise_claim AS c
      JOIN records.instalment_promise AS p ON p.id = c.promise_id AND p.payments_acknowledge_all AND p.form = 'written'
      JOIN records.promise_claim AS o ON o.promise_id = p.id AND o.levy_id <> c.levy_id
      LEFT JOIN records.promise_end AS x ON x.promise_id = p.id
      WHERE c.levy_id = levy
    ) AS k
    JOIN records.allocation AS a ON a.levy_id = k.levy_id AND a.effective_on >= k.since AND a.effective_on < k.until
    JOIN records.receipt AS r ON r.id = a.receipt_id
    WHERE a.amount > 0 AND r.reverses_id IS NULL AND r.source NOT IN ('disposition', 'organization')
      AND NOT EXISTS (SELECT FROM records.receipt AS v WHERE v.reverses_id = r.id)
    UNION ALL
    -- A written promise acknowledges every line that it lists.
    SELECT 'ACKNOWLEDGEMENT', p.promised_on, p.promised_on FROM records.promise_claim AS c
    JOIN records.instalment_promise AS p ON p.id = c.promise_id
    WHERE c.levy_id = levy AND p.form = 'written'
    UNION ALL
    SELECT CASE WHEN e.kind = 'cancelled' THEN 'CANCELLED' ELSE 'SEIZURE' END, d.executed_on, e.ended_on
    FROM records.disposition_claim AS c JOIN records.disposition AS d ON d.id = c.disposition_id AND d.kind = 'seizure'
    LEFT JOIN records.disposition_end AS e ON e.disposition_id = d.id
    WHERE c.levy_id = levy
    UNION ALL
    -- A 交付要求 or 参加差押 holds it up from the notice to the debtor on, never without one (18条の2 ①3), and is not lost
    -- when its procedure is cancelled (②), as a seizure is. Of the organization's the day of the notice, which the law asks of
    -- it, is not told: it is taken for given with the act.
    SELECT 'SEIZURE', n.begins, e.ended_on
    FROM records.disposition_claim AS c JOIN records.disposition AS d ON d.id = c.disposition_id AND d.kind <> 'seizure'
    CROSS JOIN LATERAL (SELECT coalesce(d.served_on_debtor, CASE WHEN d.result_id IS NOT NULL THEN d.executed_on END) AS served_on)
      AS v
    CROSS JOIN LATERAL (SELECT greatest(d.executed_on, v.served_on) AS begins) AS n
    LEFT JOIN records.disposition_end AS e ON e.disposition_id = d.id
    WHERE c.levy_id = levy AND v.served_on IS NOT NULL AND (e.ended_on < n.begins) IS NOT TRUE
    UNION ALL
    -- What the organization did counts the same: its dispositions are among the case's, and it says besides what renewed a
    -- line.
    SELECT CASE w.kind WHEN 'seizure' THEN 'SEIZURE' ELSE 'ACKNOWLEDGEMENT' END, w.renewed_on, w.renewed_on
    FROM records.transfer_line AS t JOIN records.transfer_renewal AS w ON w.line_id = t.id
    WHERE t.levy_id = levy
    UNION ALL
    -- A final notice demands what the round hands over: lines of its taxes, reminded, not stayed on that day.
    SELECT 'DEMAND', n.issued_on, n.issued_on FROM records.levy_line AS l
    JOIN records.transfer_case AS t ON t.addressee_no = l.addressee_no
    JOIN records.transfer_round AS u ON u.id = t.round_id AND u.configuration->'criteria'->'taxItems' ? l.tax_item
    JOIN records.transfer_notice AS n ON n.transfer_id = t.id
    WHERE l.id = levy AND l.due_on < n.issued_on
      AND EXISTS (SELECT FROM records.reminder AS m WHERE m.levy_id = l.id AND m.sent_on + 10 < n.issued_on)
      AND NOT EXISTS (SELECT FROM records.execution_stay AS s WHERE s.levy_id = l.id AND s.decided_on <= n.issued_on
        AND NOT EXISTS (SELECT FROM records.stay_cancellation AS x WHERE x.stay_id = s.id
          AND x.cancelled_on <= n.issued_on))
  ) AS e
$$;
CREATE OR REPLACE FUNCTION records.limitation_extinction(levy bigint) RETURNS date
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  -- What the collection organization has accepted once, until all is known that it did: its acts may have renewed it.
  SELECT CASE WHEN NOT EXISTS (
      SELECT FROM records.transfer_line AS t JOIN records.transfer_state AS s USING (transfer_id)
      WHERE t.levy_id = l.id AND s.state = 'active' AND NOT records.organization_acts_known(t.transfer_id))
    THEN records.limitation_lapse(l.due_on, CASE i.legal_family WHEN 'premium' THEN 2 ELSE 5 END, e.kinds, e.begins, e.ends)
    END
  FROM records.levy_line AS l JOIN records.tax_item AS i ON i.code = l.tax_item
  CROSS JOIN LATERAL (
    SELECT array_agg(v.kind ORDER BY v.begins, v.kind, v.ends NULLS FIRST) AS kinds,
      array_agg(v.begins ORDER BY v.begins, v.kind, v.ends NULLS FIRST) AS begins,
      array_agg(v.ends ORDER BY v.begins, v.kind, v.ends NULLS FIRST) AS ends
    FROM records.limitation_event(l.id) AS v
  ) AS e
  WHERE l.id = levy
$$;

DROP TRIGGER once_accepted ON records.write_off_claim;
DROP TRIGGER once_accepted ON records.write_off_decision;
DROP FUNCTION records.refuse_accepted_write_off();

-- 6. Grants. Only jobs write what the organization did: a gateway enters contacts of the municipality alone.

REVOKE ALL ON FUNCTION records.check_organization_act(), records.organization_acts_known(bigint),
  records.check_write_off_held() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.organization_acts_known(bigint) TO kuramori_gateway, kuramori_loader;
GRANT SELECT ON records.transfer_acts, records.transfer_renewal TO kuramori_gateway, kuramori_loader;
GRANT INSERT ON records.transfer_acts, records.transfer_renewal, records.disposition, records.disposition_claim,
  records.disposition_end, records.contact_record TO kuramori_loader;
REVOKE INSERT ON records.contact_record FROM kuramori_gateway;
GRANT INSERT (case_id, addressee_no, contacted_at, method, counterpart, summary, next_action_on, recorded_by, change_id)
  ON records.contact_record TO kuramori_gateway;
