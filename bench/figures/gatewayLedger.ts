import { measureBeside } from '../support/beside.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { peopleAsked } from '../support/ledgerPeople.js';
import { LEDGER_DIALECTS } from './gatewayLedger.dialects.js';

/**
 * 収納台帳の照会: a person's levy lines of one year with the receipts applied to them. Asked by a counter clerk, who
 * holds nearly nothing but `ledger:read` and `receipt:read`. Floor: the same bytes from one statement behind node:http.
 */
export function gatewayLedger(house: BenchHouse): Promise<readonly FigureLine[]> {
  return measureBeside(house, {
    figure: 'gateway.ledger',
    role: 'counterClerk',
    headers: { 'kuramori-purpose': 'COUNTER', 'kuramori-terminal': 'T-01' },
    floor: new URL('../processes/ledgerFloor.js', import.meta.url),
    questions: peopleAsked,
    dialects: LEDGER_DIALECTS,
    promised: { floor: 0.5, mercurius: 1.5, apollo: 2.2 },
    p99Of: 'postgraphile',
  });
}
