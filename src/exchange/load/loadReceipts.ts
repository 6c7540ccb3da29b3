import { compileLayout } from '../layout/compile.js';
import type { DecodedFile } from '../layout/decoder.js';
import { fileRejected } from '../layout/faults.js';
import { OCR_LINE } from '../layouts/ocrLine.js';
import { assertBookedAfter } from './bookingDay.js';
import { decodeInto } from './decode.js';
import type { LoadJob, LoadOptions } from './job.js';
import { loadFile, type PlannedLoad } from './loadFile.js';
import type { LoadResult, ReceiptsOutcome } from './outcome.js';
import { postHardSlips } from './receipts/hard.js';
import { matchSlips, planSlips } from './receipts/match.js';
import { postSlips } from './receipts/post.js';
import { slipReader } from './receipts/slip.js';
import { lastPaidOn, SlipStage } from './receipts/stage.js';
import { summarise } from './receipts/summary.js';

/**
 * 収入済データの取込・消込: loads a receipt file of the designated bank, whole or not at all (handbook 01 §4, 21 §7).
 * The same bytes again change nothing and answer the first outcome.
 * @throws KuramoriError FILE_REJECTED with record numbers and codes; RATE_MISSING; NOT_FOUND for the file
 * @example await loadReceipts({ database, audit, clock, path: 'receipts.txt', actor, requestId });
 */
export async function loadReceipts(options: LoadOptions): Promise<LoadResult<ReceiptsOutcome>> {
  return loadFile('receipts', options, planReceipts);
}

async function planReceipts(job: LoadJob): Promise<PlannedLoad<ReceiptsOutcome>> {
  const ocrLine = compileLayout(OCR_LINE, { taxItem: job.taxItems });
  await SlipStage.create(job.tx);
  const decoded = await decodeInto(
    job,
    new SlipStage(job, slipReader(job.layout, ocrLine, job.municipalityCode)),
  );
  assertOurs(job, decoded);
  const creditDate = decoded.header['creditDate'];
  const bookedOn = typeof creditDate === 'string' ? creditDate : job.bookedOn;
  if (creditDate === undefined) assertBookedAfter(bookedOn, await lastPaidOn(job.tx));
  job.progress({ phase: 'matching', done: 0, total: decoded.dataCount });
  await matchSlips(job.tx);
  const hard = await planSlips(job.tx);
  let done = decoded.dataCount - hard;
  await postHardSlips(job.tx, (slips) => {
    done += slips;
    job.progress({ phase: 'matching', done, total: decoded.dataCount });
  });
  const outcome = await summarise(job, decoded);
  return { outcome, records: decoded.dataCount, post: (fileId) => postSlips(job, fileId, bookedOn, outcome) };
}

/** A file of another municipality may be sound in itself. CSV has no header that could say whose it is. */
function assertOurs(job: LoadJob, decoded: DecodedFile): void {
  const code = decoded.header['municipalityCode'];
  if (code !== undefined && code !== job.municipalityCode) {
    throw fileRejected([{ code: 'E_MUNICIPALITY', recordNo: 1, field: 'municipalityCode' }]);
  }
}
