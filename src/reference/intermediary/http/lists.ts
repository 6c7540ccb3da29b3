import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { dayInJapan, JAPAN_TIME_ZONE, plainDate, type PlainDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { INTERMEDIARY_PAGE_SIZE_MAX } from '../../../kernel/limits.js';
import { identifier, isoDay } from '../../../protocol/intermediary/codes.js';
import { INTERMEDIARY_PROTOCOL, type MessageKind } from '../../../protocol/intermediary/message.js';
import { signingKeysRequestForm } from '../../../protocol/intermediary/signingKeys.js';
import { recordsOf, type Body } from '../body.js';
import { enrolSigningKeys } from '../enrol.js';
import type { LogEntry } from '../log.js';
import { staffFault } from '../staff.js';
import { pendingProvisions } from '../work/decide.js';
import { layoutsInForce } from '../work/query.js';
import type { RouteDeps } from './routes.js';

const rangeForm = z.strictObject({
  from: isoDay,
  to: isoDay,
  after: identifier.exactOptional(),
  limit: z.coerce.number().int().min(1).max(INTERMEDIARY_PAGE_SIZE_MAX).default(INTERMEDIARY_PAGE_SIZE_MAX),
});

/** Lists of a body's own: records of provision, provisions that wait, counts, notices, keys. */
export function registerLists(app: FastifyInstance, deps: RouteDeps): void {
  const { exchange, turn, bodyOf } = deps;
  app.get('/v1/provision-records', (request) =>
    turn.take(async () => {
      const body = bodyOf(request);
      await assertMayRead(deps, request, body, 'query', 'read.provisionRecords');
      return provisionRecords(body, ranged(request.query));
    }),
  );
  app.get('/v1/pending-provisions', (request) =>
    turn.take(async () => {
      const body = bodyOf(request);
      await assertMayRead(deps, request, body, 'provision.decide', 'read.pendingProvisions');
      return { provisions: pendingProvisions(exchange, body).slice(0, INTERMEDIARY_PAGE_SIZE_MAX) };
    }),
  );
  app.get('/v1/statistics', (request) => ({ counts: bodyOf(request).log.counts }));
  app.get('/v1/notices', () => {
    const day = dayInJapan(exchange.clock.now()).toString();
    return { notices: exchange.notices.filter(({ from, to }) => from <= day && day <= to) };
  });
  app.get('/v1/health', () => ({
    status: 'ready',
    protocol: INTERMEDIARY_PROTOCOL,
    layoutVersions: layoutsInForce(exchange),
  }));
  app.get('/v1/keys', () => ({ keys: exchange.keys.published() }));
  app.put('/v1/signing-keys', (request) =>
    turn.take(async () => {
      const list = signingKeysRequestForm.safeParse(request.body);
      if (!list.success) throw new KuramoriError('BAD_INPUT', 'The list of signing keys has not its form.');
      await enrolSigningKeys(bodyOf(request), list.data);
      return { status: 'known' };
    }),
  );
}

/** Records of a range of days in Japan, in the order of their identifiers; `next` where there are more. */
function provisionRecords(body: Body, { from, to, after = '', limit }: z.output<typeof rangeForm>) {
  const begins = beginningOf(plainDate(from));
  const ends = beginningOf(plainDate(to).add({ days: 1 }));
  const found = [...recordsOf(body).values()]
    .filter(({ recordId, requestedAt }) => {
      const at = Date.parse(requestedAt);
      return recordId > after && begins <= at && at < ends;
    })
    .toSorted((a, b) => (a.recordId < b.recordId ? -1 : 1));
  const records = found.slice(0, limit);
  const last = records.at(-1)?.recordId;
  return { records, ...(found.length > limit && last !== undefined ? { next: last } : {}) };
}

/** When a day begins in Japan, milliseconds since the epoch. */
function beginningOf(day: PlainDate): number {
  return day.toZonedDateTime(JAPAN_TIME_ZONE).epochMilliseconds;
}

function ranged(query: unknown): z.output<typeof rangeForm> {
  const range = rangeForm.safeParse(query);
  if (range.success) return range.data;
  throw new KuramoriError(
    'BAD_INPUT',
    'The range must name from and to as days, and may name after and limit.',
  );
}

/**
 * Lists with people in them are for a person with the right to them, whom the linkage server names; it is written down.
 * @throws KuramoriError UNAUTHENTICATED
 */
async function assertMayRead(
  { exchange }: RouteDeps,
  request: FastifyRequest,
  body: Body,
  right: MessageKind,
  kind: LogEntry['kind'],
): Promise<void> {
  const personId = identifier.safeParse(request.headers['spi-person']).data ?? '-';
  const unitCode = identifier.safeParse(request.headers['spi-unit']).data ?? '-';
  const now = exchange.clock.now();
  const acting = { bodyCode: body.bodyCode, personId, unitCode, kind: right, procedureCodes: [] };
  const reason = staffFault(exchange.staff, acting, now);
  const entry = { at: now.toString(), personId, unitCode, kind };
  if (reason === undefined) return body.log.append({ ...entry, status: 'DONE' });
  await body.log.append({ ...entry, status: 'REFUSED', reason });
  throw new KuramoriError(
    'UNAUTHENTICATED',
    'The person named in spi-person and spi-unit may not read this.',
  );
}
