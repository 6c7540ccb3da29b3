import type { Session } from '../../../kernel/database/database.js';
import { TRANSFER_ERASURE_ASK_MS, TRANSFER_ERASURES_ASKED_MAX } from '../../../kernel/limits.js';
import type { TransferContext } from '../context.js';
import { packagesWithDeltas } from '../delta/delta.store.js';
import { requireDraft } from '../draft/draft.store.js';
import { closedWithoutReport } from '../erasure/request.js';
import { activeRecipients, packagesIn } from '../work.store.js';
import { askAcceptance, askErasure, deliverPackage, fetchResults, sendDeltas } from './deliver.js';
import type { OrganizationTls } from './organizationClient.js';

/** Does one step of a round. @returns the code of the error with which it failed, or nothing */
export type Attempt = (what: string, work: () => Promise<unknown>) => Promise<string | undefined>;

/**
 * What goes over the line in a round. An organization that does not answer is left alone for the rest of the round, so
 * that it costs one step however many packages it has.
 */
export class LineRound {
  readonly #context: TransferContext;
  /** When the erasure of a package was looked after last, in milliseconds since 1970. */
  readonly #erasureTriedAt = new Map<string, number>();

  constructor(context: TransferContext) {
    this.#context = context;
  }

  async run(tls: OrganizationTls, attempt: Attempt): Promise<void> {
    const context = this.#context;
    const { database } = context;
    const step = answering(attempt);
    const ofPackages = async (
      what: string,
      packageIds: readonly string[],
      work: (packageId: string) => Promise<unknown>,
    ) => {
      for (const id of packageIds) await step(what, await recipientOf(database, id), () => work(id));
    };
    const released = await packagesIn(database, 'RELEASED', 'HTTPS');
    await ofPackages('deliver', released, (id) => deliverPackage(context, tls, id));
    const delivered = await packagesIn(database, 'DELIVERED');
    await ofPackages('acceptance', delivered, (id) => askAcceptance(context, tls, id));
    const waiting = await packagesWithDeltas(database);
    await ofPackages('deltas', waiting, (id) => sendDeltas(context, tls, id));
    for (const id of await this.#erasuresDue()) {
      const outcome = await step('erasure', await recipientOf(database, id), () =>
        askErasure(context, tls, id),
      );
      if (!UNHEARD.has(outcome)) this.#erasureTriedAt.set(id, this.#nowMs());
    }
    for (const bodyCode of await activeRecipients(database))
      await step('results', bodyCode, () => fetchResults(context, tls, bodyCode));
  }

  /** Packages whose erasure was not asked for within TRANSFER_ERASURE_ASK_MS, the oldest first. */
  async #erasuresDue(): Promise<readonly string[]> {
    const open = await closedWithoutReport(this.#context.database);
    const still = new Set(open);
    for (const id of this.#erasureTriedAt.keys()) if (!still.has(id)) this.#erasureTriedAt.delete(id);
    const since = this.#nowMs() - TRANSFER_ERASURE_ASK_MS;
    return open
      .filter((id) => (this.#erasureTriedAt.get(id) ?? -Infinity) <= since)
      .slice(0, TRANSFER_ERASURES_ASKED_MAX);
  }

  #nowMs(): number {
    return this.#context.clock.now().epochMilliseconds;
  }
}

const SKIPPED = 'skipped';
/** After these the organization has not heard the request, and is asked in the next round. */
const UNHEARD: ReadonlySet<string | undefined> = new Set([SKIPPED, 'TIMEOUT']);

function answering(attempt: Attempt) {
  const silent = new Set<string>();
  return async (what: string, bodyCode: string, work: () => Promise<unknown>) => {
    if (silent.has(bodyCode)) return SKIPPED;
    const code = await attempt(what, work);
    if (code === 'TIMEOUT') silent.add(bodyCode);
    return code;
  };
}

async function recipientOf(session: Session, packageId: string): Promise<string> {
  return (await requireDraft(session, packageId)).recipient;
}
