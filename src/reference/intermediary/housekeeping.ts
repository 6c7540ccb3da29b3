import { dayInJapan } from '../../kernel/dates.js';
import { MESSAGES, messagesOf, PROVISIONS, provisionsOf, RECORDS, recordsOf, type Body } from './body.js';
import type { OpenExchange } from './open.js';
import { isExpired } from './receive.js';
import type { Change } from './store/store.js';

/**
 * Deletes what has had its time: results after 30 days, what providers gave out with them, 情報提供等記録 after their
 * 7th anniversary. The numbers of messages and records stay, so that none is ever used twice.
 */
export async function clean({ bodies, clock }: OpenExchange): Promise<void> {
  for (const body of bodies.values()) {
    const changes = [...expiredMessages(body), ...expiredItems(body), ...endedRecords(body)];
    if (changes.length === 0) continue;
    await body.store.commit(changes);
    await body.store.compact();
  }

  function expiredMessages(body: Body): Change[] {
    return [...messagesOf(body)]
      .filter(([, kept]) => kept.envelope !== undefined && isExpired(kept, clock.now()))
      .map(([messageId, { digest, kind, receivedAt }]) => [
        MESSAGES,
        messageId,
        { digest, kind, receivedAt },
      ]);
  }

  function expiredItems(body: Body): Change[] {
    return [...provisionsOf(body)]
      .filter(([, { items, requestedAt }]) => {
        const hasItems = Object.keys(items).length > 0;
        return hasItems && isExpired({ receivedAt: requestedAt }, clock.now());
      })
      .map(([key, provision]) => [PROVISIONS, key, { ...provision, items: {} }]);
  }

  function endedRecords(body: Body): Change[] {
    const day = dayInJapan(clock.now()).toString();
    return [...recordsOf(body)]
      .filter(([, { keptThrough }]) => keptThrough < day)
      .map(([recordId]) => [RECORDS, recordId]);
  }
}
