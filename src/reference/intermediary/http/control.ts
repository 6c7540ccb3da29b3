import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Temporal } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { instant } from '../../../protocol/intermediary/codes.js';
import type { SettableClock } from '../clock.js';
import { faultPlanForm, type FaultPlan } from '../faults.js';
import { clean } from '../housekeeping.js';
import type { OpenExchange } from '../open.js';
import type { Turn } from '../turn.js';

/** Without `now`, time goes on with the host. */
const clockForm = z.strictObject({ now: instant.exactOptional() });

/** What tests steer the server with. None of these paths is there without `--test-control`. */
export function registerControl(
  app: FastifyInstance,
  parts: {
    readonly exchange: OpenExchange;
    readonly turn: Turn;
    readonly clock: SettableClock;
    readonly faults: FaultPlan;
  },
): void {
  const { exchange, turn, clock, faults } = parts;
  app.put('/control/clock', (request) =>
    turn.take(async () => {
      const { now } = read(clockForm, request.body);
      clock.set(now === undefined ? undefined : Temporal.Instant.from(now));
      await clean(exchange);
      return { now: clock.now().toString() };
    }),
  );
  app.put('/control/faults', async (request) => {
    const plan = read(faultPlanForm, request.body);
    faults.set(plan.faults);
    exchange.network.outages.clear();
    for (const bodyCode of plan.outages) exchange.network.outages.add(bodyCode);
    return { status: 'set' };
  });
  app.post('/control/key-rotation', () =>
    turn.take(async () => {
      await exchange.keys.rotate();
      return { keys: exchange.keys.published() };
    }),
  );
}

function read<T>(form: z.ZodType<T>, body: unknown): T {
  const result = form.safeParse(body);
  if (result.success) return result.data;
  throw new KuramoriError('BAD_INPUT', 'The control request has not its form.');
}
