import type { EnvelopeOf } from '../../../protocol/intermediary/message.js';
import { provisionsOf, PROVISIONS, RECORDS, recordsOf, type Body, type Provision } from '../body.js';
import type { Exchange } from '../exchange.js';
import { copyInForce, providedItems } from '../provide.js';
import { decidedRecord } from '../record.js';
import type { Change } from '../store/store.js';
import { refused, worked, type Worked } from './answers.js';
import { settled } from './inquire.js';

/** A provision that waits for a person of the provider (自動応答不可). */
export function pendingProvisions({ clock }: Exchange, provider: Body): Provision[] {
  return [...provisionsOf(provider).values()].filter(
    (provision) => settled(provision, clock.now())?.state === 'WAITING',
  );
}

/** A person of the provider provides what was asked for, as the copy is now, or refuses. */
export function decideProvision(
  exchange: Exchange,
  provider: Body,
  { body }: EnvelopeOf<'provision.decide'>,
): Worked {
  const { clock, ids } = exchange;
  const { provisionId, decision } = body;
  const kept = [...provisionsOf(provider).values()].find((one) => one.provisionId === provisionId);
  if (kept === undefined) return refused('PROVISION_UNKNOWN');
  if (kept.state !== 'WAITING') return refused('PROVISION_DECIDED');
  if (settled(kept, clock.now())?.state !== 'WAITING') return refused('PROVISION_EXPIRED');
  const provision =
    decision === 'PROVIDE' ? provided(exchange, provider, kept) : { ...kept, state: 'REFUSED' as const };
  const record = recordsOf(provider).get(ids.of('record', 'PROVIDER', kept.permissionId));
  const changes: Change[] = [[PROVISIONS, kept.permissionId, provision]];
  if (record) changes.push([RECORDS, record.recordId, decidedRecord(record, provision)]);
  return worked<'provision.decide'>('DONE', { provisionId, decision }, changes);
}

function provided({ clock }: Exchange, provider: Body, kept: Provision): Provision {
  const now = clock.now();
  const copy = copyInForce(provider, kept.unifiedAddresseeNo, kept.informationNameCode, now);
  if (copy === undefined) return { ...kept, state: 'NO_DATA' };
  return {
    ...kept,
    state: 'PROVIDED',
    providedAt: now.toString(),
    items: providedItems(copy, kept.itemCodes),
  };
}
