import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { AuditLog } from '../../audit/log.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import { isKuramoriError } from '../../kernel/errors.js';

/** The audit log, with whether its last append failed: a log that can be read may still not be written. */
export interface WatchedAuditLog extends AuditLog {
  readonly isFailing: () => boolean;
}

/** Watches a log's appends. */
export function watchAuditLog(log: AuditLog): WatchedAuditLog {
  let failing = false;
  const watched =
    <A extends unknown[], T>(append: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        const appended = await append(...args);
        failing = false;
        return appended;
      } catch (error) {
        failing ||= isKuramoriError(error, 'AUDIT_UNAVAILABLE');
        throw error;
      }
    };
  return {
    append: watched((record) => log.append(record)),
    appendIn: watched((tx, record) => log.appendIn(tx, record)),
    appendAhead: watched((tx, record) => log.appendAhead(tx, record)),
    flushed: watched(() => log.flushed()),
    close: () => log.close(),
    isFailing: () => failing,
  };
}

/** What the health routes look at. */
export interface HealthDeps {
  readonly database: Database;
  readonly audit: WatchedAuditLog;
  readonly clock: Clock;
}

/**
 * `/healthz`: the process lives. `/readyz`: it can answer, which takes a database that answers and an audit log that
 * takes entries (lessons 15). After a failed append readiness tries one itself, so that it turns green without traffic.
 */
export function registerHealth(app: FastifyInstance, deps: HealthDeps): void {
  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await deps.database.run('health.read', ({ raw }) => raw`select first_record from audit.block limit 1`);
      if (deps.audit.isFailing()) await deps.audit.append(probe(deps.clock));
      return await reply.send({ status: 'ready' });
    } catch (error) {
      const code = isKuramoriError(error) ? error.code : 'INTERNAL';
      return reply.status(503).send({ status: 'not ready', code });
    }
  });
}

function probe(clock: Clock): Parameters<AuditLog['append']>[0] {
  return {
    kind: 'configuration',
    at: clock.now().toString({ fractionalSecondDigits: 3 }),
    requestId: randomUUID(),
    actorId: 'gateway',
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: '',
    clientApp: 'gateway',
    purpose: 'MAINTENANCE',
    entries: [
      { coordinate: 'Health.readiness', decision: 'allow', reason: 'afterFailure', rows: 0, subjects: [] },
    ],
  };
}
