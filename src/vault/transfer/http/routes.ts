import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  TRANSFER_NAME_CHARS_MAX,
  TRANSFER_PART_BYTES_MAX,
  TRANSFER_REASON_CHARS_MAX,
  TRANSFER_UNMAPPABLE_MAX,
} from '../../../kernel/limits.js';
import { enteredWords } from '../../entered.js';
import { PAYMENT_DELTA } from '../../../protocol/transfer/deltas.js';
import { packageIdForm, sha256Form } from '../../../protocol/transfer/forms.js';
import { completedDraftForm, draftForm, REQUEST_ID_HEADER } from '../../client/transferWire.js';
import { requestIdForm } from '../../client/wire.js';
import { readBody } from '../../operation/body.js';
import { abortTransfer } from '../package/abort.js';
import { completeDraft, openDraft } from '../draft/draft.js';
import { outcomesOf } from '../receipt/receipt.store.js';
import type { Transfers } from '../transfers.js';
import { transferState } from '../transferState.js';
import { answering, paramsOf } from './answering.js';

/** The service whose certificate was verified. */
export type CallerOf = (request: FastifyRequest) => string;

const part = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const bytesForm = z.custom<Buffer>((body) => Buffer.isBuffer(body));
const endForm = z.strictObject({ parts: z.int().min(1) });
const completeForm = z.strictObject({
  unmappable: z.array(z.string().regex(/^U\+[0-9A-F]{4,6}$/)).max(TRANSFER_UNMAPPABLE_MAX),
});
const reasonForm = z.strictObject({ reason: z.string() });
const reconciledForm = z.strictObject({ digest: sha256Form });
const afterForm = z.strictObject({ after: z.string().max(TRANSFER_NAME_CHARS_MAX).default('') });

/** A service gives up what nobody has approved yet; after that, an operator does. */
const BEFORE_APPROVAL: ReadonlySet<string> = new Set(['FROZEN']);

/**
 * Transfers over mTLS, for the services of the municipality: nothing here needs an assertion, for nothing here leaves
 * the vault. @param assertOpen whether operations may be done
 */
export function registerTransfers(
  app: FastifyInstance,
  transfers: Transfers,
  assertOpen: () => void,
  callerOf: CallerOf,
): void {
  void app.register(async (scope) => {
    scope.addHook('onRequest', async () => assertOpen());
    scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    registerDrafts(scope, transfers, callerOf);
    registerFiles(scope, transfers, callerOf);
    registerPackages(scope, transfers, callerOf);
    registerResults(scope, transfers, callerOf);
  });
}

function registerDrafts(scope: FastifyInstance, { context }: Transfers, callerOf: CallerOf): void {
  const path = '/v1/transfers/drafts/:packageId';
  const about = (request: FastifyRequest, coordinate: string) => aboutOf(request, coordinate, callerOf);
  scope.put(path, (request, reply) => {
    const call = about(request, 'Transfer.open');
    return answering(context, reply, call, () => {
      const draft = readBody(draftForm, request.body);
      readBody(z.literal(call.packageId), draft.draftId);
      return openDraft(context, draft, call.by);
    });
  });
  scope.get(path, (request, reply) => {
    const call = about(request, 'Transfer.state');
    return answering(context, reply, call, () => transferState(context, call.packageId));
  });
  scope.post(`${path}/complete`, (request, reply) => {
    const call = about(request, 'Transfer.complete');
    return answering(context, reply, call, async () => {
      const { unmappable } = readBody(completeForm, request.body);
      const completed = await completeDraft(context, call.packageId, unmappable, call.by);
      return completedDraftForm.encode(completed);
    });
  });
  scope.post(`${path}/abort`, (request, reply) => {
    const call = about(request, 'Transfer.abort');
    return answering(context, reply, call, async () => {
      const { reason } = readBody(reasonForm, request.body);
      const text = enteredWords(reason, 'reason', TRANSFER_REASON_CHARS_MAX);
      await abortTransfer(context, call.packageId, { by: call.by, reason: text }, BEFORE_APPROVAL);
      return transferState(context, call.packageId);
    });
  });
}

function registerFiles(scope: FastifyInstance, transfers: Transfers, callerOf: CallerOf): void {
  const { context, uploads } = transfers;
  const path = '/v1/transfers/drafts/:packageId/files/:fileName';
  const options = { bodyLimit: TRANSFER_PART_BYTES_MAX, config: { takesBytes: true } } as const;
  scope.put(`${path}/parts/:part`, options, (request, reply) => {
    const call = aboutOf(request, 'Transfer.file', callerOf);
    return answering(context, reply, call, async () => {
      const params = paramsOf<'fileName' | 'part'>(request);
      const bytes = readBody(bytesForm, request.body);
      await uploads.part(call.packageId, params.fileName, readBody(part, params.part), bytes);
      return {};
    });
  });
  scope.post(`${path}/end`, (request, reply) => {
    const call = aboutOf(request, 'Transfer.file', callerOf);
    return answering(context, reply, call, () => {
      const { fileName } = paramsOf<'fileName'>(request);
      return uploads.end(call.packageId, fileName, readBody(endForm, request.body).parts, call.by);
    });
  });
}

function registerPackages(scope: FastifyInstance, transfers: Transfers, callerOf: CallerOf): void {
  const { context } = transfers;
  const path = '/v1/transfers/packages/:packageId';
  scope.get(`${path}/acceptance`, (request, reply) => {
    const call = aboutOf(request, 'Transfer.acceptance', callerOf);
    return answering(context, reply, call, () => outcomesOf(context.database, call.packageId));
  });
  scope.put(`${path}/deltas/:deltaNo`, (request, reply) => {
    const call = aboutOf(request, 'Transfer.delta', callerOf);
    return answering(context, reply, call, () => {
      const delta = readBody(PAYMENT_DELTA.form, request.body);
      readBody(z.literal(call.packageId), delta.packageId);
      readBody(z.literal(paramsOf<'deltaNo'>(request).deltaNo), String(delta.deltaNo));
      return transfers.sendDelta(delta, call.by);
    });
  });
  scope.post(`${path}/reconciled`, (request, reply) => {
    const call = aboutOf(request, 'Transfer.reconciled', callerOf);
    return answering(context, reply, call, async () => {
      const { digest } = readBody(reconciledForm, request.body);
      await transfers.reconciled(call.packageId, digest, call.by);
      return transferState(context, call.packageId);
    });
  });
}

function registerResults(scope: FastifyInstance, transfers: Transfers, callerOf: CallerOf): void {
  const { context } = transfers;
  const aboutResult = (request: FastifyRequest, packageId: string) => ({
    coordinate: 'Transfer.result',
    packageId,
    by: `service:${callerOf(request)}`,
    requestId: requestIdOf(request),
  });
  scope.get('/v1/transfers/results', (request, reply) =>
    answering(context, reply, aboutResult(request, ''), () =>
      transfers.results(readBody(afterForm, { ...(request.query as object) }).after),
    ),
  );
  scope.get('/v1/transfers/results/:resultId/files/:fileName/parts/:part', (request, reply) => {
    const params = paramsOf<'resultId' | 'fileName' | 'part'>(request);
    return answering(context, asBytes(reply), aboutResult(request, params.resultId), () =>
      transfers.resultPart(params.resultId, params.fileName, readBody(part, params.part), callerOf(request)),
    );
  });
}

function asBytes(reply: FastifyReply): FastifyReply {
  return reply.type('application/octet-stream');
}

function aboutOf(request: FastifyRequest, coordinate: string, callerOf: CallerOf) {
  const { packageId } = paramsOf<'packageId'>(request);
  const known = packageIdForm.safeParse(packageId);
  const by = `service:${callerOf(request)}`;
  return { coordinate, packageId: known.success ? known.data : '', by, requestId: requestIdOf(request) };
}

/** What a service tells is a number or nothing: it stands in the log. */
function requestIdOf({ headers }: FastifyRequest): string | undefined {
  const told = requestIdForm.safeParse(headers[REQUEST_ID_HEADER]);
  return told.success ? told.data : undefined;
}
