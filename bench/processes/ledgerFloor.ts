import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDatabase } from '../../src/kernel/database/database.js';

/**
 * The floor of the ledger query: one statement written by hand whose text is the answer, behind Node's own HTTP server
 * and the same driver. Nobody is asked who they are, nothing is decided, nothing is recorded.
 */
const database = openDatabase({
  url: process.env['RECORDS_DATABASE_URL'] ?? '',
  application: 'kuramori-floor',
});

interface Question {
  readonly variables: { readonly addresseeNo: string; readonly fiscalYear: number };
}

async function answerTo(question: Question): Promise<string> {
  const { addresseeNo, fiscalYear } = question.variables;
  const [row] = await database.run(
    'floor.ledger',
    ({ raw }) => raw<{ answer: string }[]>`
    select '{"data":{"addressee":' || row_to_json(a)::text || '}}' as answer from (
      select p.addressee_no as "addresseeNo", p.name, (
        select ('{"nodes":[' || coalesce(string_agg(row_to_json(n)::text, ','), '') || ']}')::json from (
          select l.id::text as id, l.notice_no as "noticeNo", item.item as "taxItem",
            l.instalment_no as "instalmentNo", l.due_on as "dueOn", b.levied, b.received,
            b.tax_outstanding as "taxOutstanding", b.late_charge_outstanding as "lateChargeOutstanding", b.settled, (
              select ('{"nodes":[' || coalesce(string_agg(row_to_json(m)::text, ','), '') || ']}')::json from (
                select c.amount, c.effective_on as "effectiveOn", (
                    select row_to_json(s) from (
                      select r.id::text as id, r.channel, r.paid_on as "paidOn", r.booked_on as "bookedOn", r.amount
                      from records.receipt r where r.id = c.receipt_id
                    ) as s
                  ) as receipt
                from records.allocation c where c.levy_id = l.id order by c.effective_on, c.id limit 8
              ) as m
            ) as allocations
          from records.levy_line l
          join records.levy_balance b on b.levy_id = l.id
          cross join lateral (
            select row_to_json(t) as item from (
              select name from records.tax_item where code = l.tax_item
            ) as t
          ) as item
          where l.addressee_no = p.addressee_no and l.levy_fiscal_year = ${fiscalYear}::smallint
          order by l.levy_fiscal_year, l.tax_item, l.instalment_no, l.id limit 40
        ) as n
      ) as levies
      from records.addressee p where p.addressee_no = ${addresseeNo}::text
    ) as a`,
  );
  return `${row?.answer ?? '{"data":{"addressee":null}}'}\n`;
}

async function bodyOf(request: IncomingMessage): Promise<Question> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Question;
}

const server = createServer((request, response) => {
  bodyOf(request)
    .then(answerTo)
    .then(
      (answer) => {
        const body = Buffer.from(answer);
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
          .end(body);
      },
      () => response.writeHead(500).end(),
    );
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: `http://127.0.0.1:${port}` });
});
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());
