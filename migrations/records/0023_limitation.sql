-- Hand-written: when limitation (時効, 地方税法18条) extinguishes a line, for statements that must know it: the SQL twin of
-- limitationOf and extinctionOf. The events stand here once, for both.

-- Invoker's rights and no path of its own, so that a statement over many lines takes it in as part of itself.
CREATE FUNCTION records.limitation_event(levy bigint) RETURNS TABLE (kind text, begins date, ends date)
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
    -- when its procedure is cancelled (②), as a seizure is.
    SELECT 'SEIZURE', n.begins, e.ended_on
    FROM records.disposition_claim AS c JOIN records.disposition AS d ON d.id = c.disposition_id AND d.kind <> 'seizure'
    CROSS JOIN LATERAL (SELECT greatest(d.executed_on, d.served_on_debtor) AS begins) AS n
    LEFT JOIN records.disposition_end AS e ON e.disposition_id = d.id
    WHERE c.levy_id = levy AND d.served_on_debtor IS NOT NULL AND (e.ended_on < n.begins) IS NOT TRUE
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
COMMENT ON FUNCTION records.limitation_event(bigint) IS
  'What bears on the limitation of a line, from the day it begins to hold it up; `ends` is null while a seizure lasts.';

-- The last day of a period that begins on a day: the day before the corresponding day; without one, the last day of that
-- month (民法143条).
CREATE FUNCTION records.period_end(starts_on date, lasting interval) RETURNS date
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (starts_on + lasting)::date
    - CASE WHEN extract(day FROM starts_on + lasting) = extract(day FROM starts_on) THEN 1 ELSE 0 END
$$;
COMMENT ON FUNCTION records.period_end(date, interval) IS 'The last day of a period of years or months (民法143条).';

CREATE FUNCTION records.limitation_lapse(due_on date, years integer, kinds text[], begins date[], ends date[])
  RETURNS date
  LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  starts_on date := due_on + 1;
  is_held boolean := false;
  demand_until date;
  postponed_until date;
  until date;
BEGIN
  -- In the order of their beginnings, which the caller keeps.
  FOR n IN 1..coalesce(array_length(kinds, 1), 0) LOOP
    EXIT WHEN NOT is_held
      AND begins[n] > greatest(records.period_end(starts_on, make_interval(years => years)), postponed_until);
    IF ends[n] IS NULL THEN
      is_held := true;
    ELSIF kinds[n] IN ('DEMAND', 'CANCELLED') THEN
      until := records.period_end(ends[n] + 1, interval '6 months');
      IF kinds[n] = 'DEMAND' THEN
        -- 民法150条②: a second demand while the first postpones adds nothing.
        CONTINUE WHEN ends[n] <= demand_until;
        demand_until := until;
      END IF;
      postponed_until := greatest(postponed_until, until);
    ELSE
      -- Ten days after the reminder the period begins anew on the next (18条の2 ①2).
      starts_on := greatest(starts_on, ends[n] + CASE kinds[n] WHEN 'REMINDER' THEN 11 ELSE 1 END);
    END IF;
  END LOOP;
  IF is_held THEN
    RETURN NULL;
  END IF;
  RETURN greatest(records.period_end(starts_on, make_interval(years => years)), postponed_until) + 1;
END $$;
COMMENT ON FUNCTION records.limitation_lapse(date, integer, text[], date[], date[]) IS
  '時効完成による消滅の日 of a claim due on a day, by its events in order; null while a seizure holds it (18条①②).';

CREATE FUNCTION records.limitation_extinction(levy bigint) RETURNS date
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  -- What the collection organization has accepted once: its acts may have renewed it, and are not in the records.
  SELECT CASE WHEN NOT EXISTS (
      SELECT FROM records.transfer_line AS t JOIN records.transfer_state AS s USING (transfer_id)
      WHERE t.levy_id = l.id AND s.state = 'active')
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
COMMENT ON FUNCTION records.limitation_extinction(bigint) IS
  '時効完成による消滅の日 of a line: owed no more from then on; null while a seizure holds it, and where it is not known here.';

-- Nothing makes the period shorter: most lines are too young for their events to be asked.
CREATE FUNCTION records.limitation_complete(levy bigint, today date) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN l.due_on + make_interval(years => CASE i.legal_family WHEN 'premium' THEN 2 ELSE 5 END) >= today THEN false
    ELSE coalesce(records.limitation_extinction(l.id) <= today, false) END
  FROM records.levy_line AS l JOIN records.tax_item AS i ON i.code = l.tax_item WHERE l.id = levy
$$;
COMMENT ON FUNCTION records.limitation_complete(bigint, date) IS 'Whether limitation has extinguished a line by a day (18条).';

REVOKE ALL ON FUNCTION records.limitation_event(bigint), records.period_end(date, interval),
  records.limitation_lapse(date, integer, text[], date[], date[]), records.limitation_extinction(bigint),
  records.limitation_complete(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.limitation_event(bigint), records.period_end(date, interval),
  records.limitation_lapse(date, integer, text[], date[], date[]), records.limitation_extinction(bigint),
  records.limitation_complete(bigint, date)
  TO kuramori_gateway, kuramori_loader;
