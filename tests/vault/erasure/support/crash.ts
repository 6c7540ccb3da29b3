import type { Database, Session } from '../../../../src/kernel/database/database.js';
import type { ErasureContext } from '../../../../src/vault/erasure/context.js';

/** What a process that is gone does: nothing. */
export class Crash extends Error {}

/**
 * A vault that dies before its n-th effect: before a statement of either database, a line of the journal, an entry of
 * the log, a signature. Everything after it fails too.
 */
export function crashingBefore(context: ErasureContext, effect: number) {
  const effects: string[] = [];
  const tick = (name: string) => {
    effects.push(name);
    if (effects.length >= effect) throw new Crash(name);
  };
  const session = (inner: Session): Session => ({
    run: async (statement, work) => {
      tick(statement);
      return inner.run(statement, work);
    },
  });
  const database = (inner: Database): Database => ({
    ...session(inner),
    transaction: (name, work) =>
      inner.transaction(name, async (tx) => {
        const result = await work(session(tx));
        tick(`${name}.commit`);
        return result;
      }),
    close: () => inner.close(),
  });
  const crashing: ErasureContext = {
    ...context,
    database: database(context.database),
    shred: database(context.shred),
    audit: {
      ...context.audit,
      append: async (record) => {
        tick('audit');
        return context.audit.append(record);
      },
    },
    journal: {
      has: (kind, id) => context.journal.has(kind, id),
      append: async (entry) => {
        tick(`journal.${entry.kind}`);
        return context.journal.append(entry);
      },
    },
    certifier: {
      ...context.certifier,
      sign: async (claims) => {
        tick('sign');
        return context.certifier.sign(claims);
      },
    },
  };
  return { crashing, effects };
}
