import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { KuramoriError } from '../../../kernel/errors.js';
import { replaceDurably } from '../../../protocol/transfer/container/disk.js';
import { dayForm, packageIdForm } from '../../../protocol/transfer/forms.js';
import { DELIVERY } from '../../../protocol/transfer/receipts.js';
import { PLAN_FILE, SENDERS_FILE, type Organization } from '../organization.js';
import { checkedPlan } from '../plan.js';
import { takeFromMedium } from '../receive.js';
import { produceResult } from '../results.js';
import { checkedSenders } from '../senders.js';

const sendersForm = z.strictObject({ senders: z.array(z.unknown()) });
const resultForm = z.strictObject({
  packageId: packageIdForm,
  from: dayForm,
  until: dayForm,
  final: z.boolean().default(false),
});

const mediumForm = DELIVERY.form
  .pick({ medium: true, mediumSerialNo: true, seal: true, receivedBy: true })
  .extend({ folder: z.string() });

/** The paths with which tests steer the organization; registered on demand alone, never by a setting. */
export function registerControl(app: FastifyInstance, organization: Organization): void {
  const write = (file: string, value: unknown) =>
    replaceDurably(organization.place.file(file), Buffer.from(JSON.stringify(value)));
  app.put('/control/plan', async (request, reply) => {
    await write(PLAN_FILE, checkedPlan(request.body));
    return reply.status(204).send();
  });
  app.put('/control/senders', async (request, reply) => {
    await write(
      SENDERS_FILE,
      form(() => checkedSenders(sendersForm.parse(request.body).senders)),
    );
    return reply.status(204).send();
  });
  app.post('/control/medium', async (request, reply) => {
    const { folder, ...carriage } = form(() => mediumForm.parse(request.body));
    return reply.type('application/jose').send(await takeFromMedium(organization, folder, carriage));
  });
  app.post('/control/results', async (request) => {
    const { packageId, ...period } = form(() => resultForm.parse(request.body));
    return { resultId: await produceResult(organization, packageId, period) };
  });
}

function form<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new KuramoriError('BAD_INPUT', 'The body does not have its form.', {}, { cause });
  }
}
