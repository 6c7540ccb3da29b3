-- Hand-written: views that GraphQL reads, and indexes for its searches. schema/records/views.ts mirrors the views.
-- security_invoker: a view shows nothing that its reader could not read from the tables.

CREATE VIEW records.ledger_summary WITH (security_invoker = true) AS
SELECT
  l.addressee_no || ':' || l.levy_fiscal_year || ':' || l.tax_item AS key,
  l.addressee_no,
  l.levy_fiscal_year,
  l.tax_item,
  count(*)::integer AS line_count,
  (count(*) FILTER (WHERE NOT b.settled))::integer AS open_line_count,
  sum(b.levied)::bigint AS levied,
  sum(b.received)::bigint AS received,
  sum(b.offset_in)::bigint AS offset_in,
  sum(b.written_off)::bigint AS written_off,
  -- A line that a decrease left below zero owes nothing; it does not pay for another line.
  sum(greatest(b.tax_outstanding, 0))::bigint AS tax_outstanding,
  sum(greatest(b.reminder_fee_outstanding, 0))::bigint AS reminder_fee_outstanding,
  sum(greatest(b.late_charge_outstanding, 0))::bigint AS late_charge_outstanding,
  sum(greatest(b.penalty_outstanding, 0))::bigint AS penalty_outstanding,
  sum(greatest(b.disposition_cost_outstanding, 0))::bigint AS disposition_cost_outstanding,
  sum(greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0) + greatest(b.late_charge_outstanding, 0)
    + greatest(b.penalty_outstanding, 0) + greatest(b.disposition_cost_outstanding, 0))::bigint AS outstanding,
  min(l.due_on) FILTER (WHERE NOT b.settled) AS oldest_open_due_on
FROM records.levy_line AS l
JOIN records.levy_balance AS b ON b.levy_id = l.id
GROUP BY l.addressee_no, l.levy_fiscal_year, l.tax_item;
COMMENT ON VIEW records.ledger_summary IS '収納状況: balances of a person by accounting year and tax item (handbook 06 §3).';

-- The same room as records.check_overpayment_room keeps: an overpayment gives back its own amount at most, and all
-- overpayments of a receipt and its reversal together what they leave. An offset or refund names a positive row.
CREATE VIEW records.overpayment_balance WITH (security_invoker = true) AS
SELECT
  p.id AS overpayment_id,
  r.root AS root_receipt_id,
  o.offset_out,
  f.refund_proposed,
  f.refund_approved,
  f.refund_paid,
  greatest(0, least(p.amount - o.offset_out - f.refund_proposed - f.refund_approved, s.amount - s.given_back))::bigint AS remaining
FROM records.overpayment AS p
CROSS JOIN LATERAL (
  SELECT coalesce(reverses_id, id) AS root FROM records.receipt WHERE id = p.receipt_id
) AS r
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount), 0)::bigint AS offset_out FROM records.offset_entry WHERE overpayment_id = p.id
) AS o
CROSS JOIN LATERAL (
  SELECT
    coalesce(sum(f.amount) FILTER (WHERE d.outcome IS NULL), 0)::bigint AS refund_proposed,
    coalesce(sum(f.amount) FILTER (WHERE d.outcome = 'approved'), 0)::bigint AS refund_approved,
    coalesce(sum(f.amount) FILTER (WHERE y.refund_id IS NOT NULL), 0)::bigint AS refund_paid
  FROM records.refund AS f
  LEFT JOIN records.refund_decision AS d ON d.refund_id = f.id
  LEFT JOIN records.refund_payment AS y ON y.refund_id = f.id
  WHERE f.overpayment_id = p.id
) AS f
CROSS JOIN LATERAL (
  SELECT sum(q.amount)::bigint AS amount,
    sum((SELECT coalesce(sum(e.amount), 0) FROM records.offset_entry AS e WHERE e.overpayment_id = q.id)
      + (SELECT coalesce(sum(g.amount), 0) FROM records.refund AS g
         LEFT JOIN records.refund_decision AS d ON d.refund_id = g.id
         WHERE g.overpayment_id = q.id AND d.outcome IS DISTINCT FROM 'rejected'))::bigint AS given_back
  FROM records.receipt AS c
  JOIN records.overpayment AS q ON q.receipt_id = c.id
  WHERE c.id = r.root OR c.reverses_id = r.root
) AS s;
COMMENT ON VIEW records.overpayment_balance IS '過誤納金残高: what of an overpayment was given back and what remains (handbook 04 §1).';

GRANT SELECT ON records.ledger_summary, records.overpayment_balance TO kuramori_gateway, kuramori_loader;

-- Searches: by telephone number without its separators; receipts by day.
CREATE INDEX addressee_phone ON records.addressee (regexp_replace(phone, '[^0-9]', '', 'g'), addressee_no)
  WHERE phone IS NOT NULL;
CREATE INDEX receipt_paid_on ON records.receipt (paid_on, id);
CREATE INDEX offset_entry_levy ON records.offset_entry (levy_id);
CREATE INDEX overpayment_levy ON records.overpayment (levy_id) WHERE levy_id IS NOT NULL;
