import { z } from 'zod';
import { RETENTION_PAGE_SIZE_MAX } from '../../kernel/limits.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { readList, readRuns } from './run.store.js';

const form = z.strictObject({
  after: z
    .strictObject({
      erasableFrom: z.iso.date(),
      ref: z.custom<VaultRef>(isVaultRef),
    })
    .optional(),
  pageSize: z.int().min(1).max(RETENTION_PAGE_SIZE_MAX).optional(),
});

/**
 * 消去候補の照会: a page of the newest list, for the people of the purpose whose task has ended; who has been held, erased
 * or taken up again since is left out. Answers `{run, candidates, next}`: the run's number and day, references with
 * their day and class, and where to go on; `run` is null before the first. What is shown are references, the entry of
 * the log names each of them.
 */
export async function listCandidates({ context, assertion, body }: EffectCall): Promise<Effect> {
  const { after, pageSize = RETENTION_PAGE_SIZE_MAX } = readBody(form, body);
  const [run] = await readRuns(context.database, 1);
  if (run === undefined) return { rows: 0, subjects: [], result: { run: null, candidates: [], next: null } };
  const { purpose } = assertion;
  const found = await readList(context.database, { runId: run.id, purpose, after, limit: pageSize });
  const last = found.length < pageSize ? undefined : found.at(-1);
  const candidates = found.map(({ ref, erasableFrom, retentionClass }) => ({
    ref,
    erasableFrom,
    retentionClass,
  }));
  return {
    rows: candidates.length,
    subjects: candidates.map(({ ref }) => ref),
    reason: `run:${run.id}`,
    result: {
      run: { runId: String(run.id), day: run.day, candidates: run.candidates, isWhole: run.isWhole },
      candidates,
      next: last === undefined ? null : { erasableFrom: last.erasableFrom, ref: last.ref },
    },
  };
}
