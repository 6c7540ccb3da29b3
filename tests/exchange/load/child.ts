import { writeSync } from 'node:fs';
import { openAuditLog } from '../../../src/audit/log.js';
import { loadReceipts } from '../../../src/exchange/load/loadReceipts.js';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { Temporal } from '../../../src/kernel/dates.js';

// A real process that loads a receipt file, `node child.ts URL FILE`, so that a test can kill it.
const [, , url = '', path = ''] = process.argv;
const database = openDatabase({ url, application: 'load-child', connections: 2 });
const audit = openAuditLog(database);
const result = await loadReceipts({
  database,
  audit,
  clock: { now: () => Temporal.Instant.from('2026-07-04T03:00:00Z') },
  path,
  actor: {
    actorId: 'S0001',
    roles: ['collectionClerk'],
    department: '110',
    terminal: 'T-1',
    sessionId: 'command',
    strength: 'console',
    clientApp: 'command',
    purpose: 'COLLECTION',
  },
  requestId: crypto.randomUUID(),
});
writeSync(1, `settled ${result.outcome.classes.settled.count}\n`);
await audit.close();
await database.close();
