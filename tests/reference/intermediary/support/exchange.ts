import type { Body } from '../../../../src/reference/intermediary/body.js';
import { SettableClock } from '../../../../src/reference/intermediary/clock.js';
import { enrolSigningKeys } from '../../../../src/reference/intermediary/enrol.js';
import { openExchange, type OpenExchange } from '../../../../src/reference/intermediary/open.js';
import { BODIES } from '../../../../src/reference/intermediary/seed.js';
import { Linkage } from './linkage.js';
import { NOON } from './stand.js';

/** An exchange without a server around it, on a clock that stands. */
export interface Opened {
  readonly exchange: OpenExchange;
  readonly clock: SettableClock;
  readonly municipality: Body;
}

export async function opened(data: string): Promise<Opened> {
  const clock = new SettableClock();
  clock.set(NOON);
  const exchange = await openExchange({ data, seed: 'test', staff: [], people: [], clock });
  return { exchange, clock, municipality: exchange.bodies.get(BODIES.municipality.bodyCode)! };
}

/** Makes envelopes of the municipality; nothing is sent. */
export const SENDER = new Linkage(
  () => Promise.resolve({ status: 'broken' }),
  BODIES.municipality,
  'P-1029',
  () => NOON,
);

/** Makes the sender's keys known. */
export function enrol({ municipality }: Opened): Promise<void> {
  return enrolSigningKeys(municipality, SENDER.keyList);
}
