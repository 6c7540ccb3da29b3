import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { KuramoriError } from '../../../kernel/errors.js';
import { TRANSFER_OUTER_BYTES_MAX, TRANSFER_PACKAGE_BYTES_MAX } from '../../../kernel/limits.js';
import { countForm, packageIdForm } from '../../../protocol/transfer/forms.js';
import { PACKAGE_FILES } from '../../../protocol/transfer/container/packageFiles.js';
import { acceptance, erase, takeDelta } from '../answer.js';
import { publishedKeys } from '../keys.js';
import { unknownPackage, type Organization } from '../organization.js';
import { RECORDS } from '../place.js';
import { ciphertextOffset, takeCiphertext, takeSmallPart, type SmallPart } from '../receive.js';
import { resultFolder, sealedResults } from '../results.js';
import { takenRecord } from '../taken.js';

const JOSE = 'application/jose';
/** Where a sender goes on: bytes of the ciphertext that are here. */
export const OFFSET_HEADER = 'upload-offset';
const bodyCodeForm = z.string().regex(/^[0-9]{6}$/);

/** The paths of senders. Every PUT and POST may be sent again: the second one changes nothing. */
export function registerRoutes(app: FastifyInstance, organization: Organization): void {
  app.get('/keys', () => publishedKeys(organization.keys));
  for (const part of [PACKAGE_FILES.outer, PACKAGE_FILES.outerSignature] as const)
    app.put(`/packages/:id/${part}`, (request, reply) => putSmallPart(organization, part, request, reply));
  app.head(`/packages/:id/${PACKAGE_FILES.ciphertext}`, (request, reply) =>
    reply
      .header(OFFSET_HEADER, ciphertextOffset(organization, idOf(request)))
      .status(200)
      .send(),
  );
  app.put(`/packages/:id/${PACKAGE_FILES.ciphertext}`, async (request, reply) => {
    assertLength(request, TRANSFER_PACKAGE_BYTES_MAX);
    const offset = checked(countForm, Number(request.headers[OFFSET_HEADER] ?? 0));
    return reply.type(JOSE).send(await takeCiphertext(organization, idOf(request), offset, bytesOf(request)));
  });
  app.get('/packages/:id/delivery', async (request, reply) => {
    const jws = takenRecord(organization, idOf(request), RECORDS.delivery);
    if (jws === undefined) throw unknownPackage();
    return reply.type(JOSE).send(jws);
  });
  app.get('/packages/:id/acceptance', async (request, reply) => {
    const jws = await acceptance(organization, idOf(request));
    return jws === undefined ? reply.status(204).send() : reply.type(JOSE).send(jws);
  });
  app.post('/packages/:id/deltas', async (request) => {
    const { deltaNo } = await takeDelta(organization, idOf(request), textOf(request));
    return { deltaNo };
  });
  app.post('/packages/:id/erasure', async (request, reply) => {
    const jws = await erase(organization, idOf(request), textOf(request));
    return jws === undefined ? reply.status(204).send() : reply.type(JOSE).send(jws);
  });
  registerResults(app, organization);
}

function registerResults(app: FastifyInstance, organization: Organization): void {
  const bodyCodeOf = (request: FastifyRequest) =>
    checked(bodyCodeForm, (request.params as { bodyCode?: unknown }).bodyCode);
  app.get('/senders/:bodyCode/results', (request) => {
    const { after } = request.query as { after?: unknown };
    const last = checked(countForm, Number(after ?? 0));
    const results = sealedResults(organization, bodyCodeOf(request));
    return { results: results.filter(({ seriesNo }) => seriesNo > last) };
  });
  for (const name of Object.values(PACKAGE_FILES))
    app.get(`/senders/:bodyCode/results/:id/${name}`, (request, reply) => {
      const path = join(resultFolder(organization, bodyCodeOf(request), idOf(request)), name);
      if (!existsSync(path)) throw new KuramoriError('NOT_FOUND', 'There is no result of this number.');
      return reply.type('application/octet-stream').send(createReadStream(path));
    });
}

async function putSmallPart(
  organization: Organization,
  part: SmallPart,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  assertLength(request, TRANSFER_OUTER_BYTES_MAX);
  const pieces: Uint8Array[] = [];
  for await (const piece of bytesOf(request)) pieces.push(piece);
  await takeSmallPart(organization, idOf(request), part, Buffer.concat(pieces));
  return reply.status(204).send();
}

/** Looked at before a byte of the body: a refusal in its middle would not reach whoever is still sending. */
function assertLength({ headers }: FastifyRequest, bytesMax: number): void {
  const length = checked(countForm, Number(headers['content-length'] ?? Number.NaN));
  if (length > bytesMax)
    throw new KuramoriError('PAYLOAD_TOO_LARGE', `The part is over the limit of ${bytesMax} bytes.`);
}

function idOf(request: FastifyRequest): string {
  return checked(packageIdForm, (request.params as { id?: unknown }).id);
}

function bytesOf({ body }: FastifyRequest): AsyncIterable<Uint8Array> {
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>;
  throw new KuramoriError('BAD_INPUT', 'The body must be application/octet-stream.');
}

function textOf({ body }: FastifyRequest): string {
  if (typeof body === 'string') return body;
  throw new KuramoriError('BAD_INPUT', 'The body must be application/jose.');
}

function checked<F extends z.ZodType>(form: F, value: unknown): z.output<F> {
  const read = form.safeParse(value);
  if (read.success) return read.data;
  throw new KuramoriError('BAD_INPUT', 'A part of the path or a header does not have its form.');
}
