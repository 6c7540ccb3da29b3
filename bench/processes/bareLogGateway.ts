import 'reflect-metadata';
import { encodeBody } from '../../src/audit/body.js';
import type { AuditLog } from '../../src/audit/log.js';
import type { AuditRecord } from '../../src/audit/record.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { BARE_LOG_URL } from '../support/bareLog.js';
import { serveWithLog } from '../support/serveWithLog.js';

/**
 * The gateway with the least that could be called a durable log, for `gateway.audit_cost` alone: the same bodies, one
 * INSERT of a batch into a plain table without an order, an index or a check, one commit. It lives outside src, so
 * that no setting and no command of the product can reach it.
 */
const NOWHERE = { recordNo: 1n, firstSequence: 1n };
const database = openDatabase({
  url: process.env[BARE_LOG_URL] ?? '',
  application: 'kuramori-bare-log',
  connections: 2,
});

interface Waiting {
  readonly body: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

let waiting: Waiting[] = [];
let writing = false;

async function write(): Promise<void> {
  writing = true;
  while (waiting.length > 0) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const batch = waiting;
    waiting = [];
    const bodies = batch.map(({ body }) => body).join('\n');
    await database
      .run(
        'bench.bareLog',
        ({ raw }) => raw`
        insert into bare_log (body) select line from string_to_table(${bodies}::text, E'\n') as line`,
      )
      .then(
        () => batch.forEach(({ resolve }) => resolve()),
        (reason: unknown) => batch.forEach(({ reject }) => reject(reason)),
      );
  }
  writing = false;
}

function append(record: AuditRecord): Promise<typeof NOWHERE> {
  return new Promise((resolve, reject) => {
    waiting.push({ body: encodeBody(record), resolve: () => resolve(NOWHERE), reject });
    if (!writing) void write();
  });
}

const bareLog: AuditLog = {
  append,
  appendIn: (_tx, record) => append(record),
  appendAhead: (_tx, record) => append(record),
  flushed: () => Promise.resolve(),
  close: () => database.close(),
};

await serveWithLog(bareLog);
