import type { AnswerBody } from '../../../protocol/intermediary/answer.js';
import type { CopyBody, EnvelopeOf } from '../../../protocol/intermediary/message.js';
import { COPIES, copiesOf, type Body, type KeptCopy } from '../body.js';
import type { Change } from '../store/store.js';
import { worked, type Worked } from './answers.js';

type CopyResult = AnswerBody<'copy.register'>['copies'][number]['result'];

/** 副本登録: new copies, and newer versions of copies that are there, by their レコード識別番号. */
export function registerCopies(provider: Body, { body }: EnvelopeOf<'copy.register'>): Worked {
  const kept = new Map(copiesOf(provider));
  const copies = body.copies.map((copy) => {
    const result = registration(kept.get(copy.recordId), copy);
    if (result === 'REGISTERED') kept.set(copy.recordId, copy);
    return { recordId: copy.recordId, result };
  });
  const registered = new Set(
    copies.filter(({ result }) => result === 'REGISTERED').map((one) => one.recordId),
  );
  const changes = [...registered].map((recordId): Change => [COPIES, recordId, kept.get(recordId)]);
  return worked<'copy.register'>(statusOf(copies, 'REGISTERED'), { copies }, changes);
}

/** 副本削除. */
export function deleteCopies(provider: Body, { body }: EnvelopeOf<'copy.delete'>): Worked {
  const left = new Set(copiesOf(provider).keys());
  const copies = body.recordIds.map((recordId) => ({
    recordId,
    result: left.delete(recordId) ? ('DELETED' as const) : ('NOT_FOUND' as const),
  }));
  const gone = copies.filter(({ result }) => result === 'DELETED');
  const changes = gone.map(({ recordId }): Change => [COPIES, recordId]);
  return worked<'copy.delete'>(statusOf(copies, 'DELETED'), { copies }, changes);
}

/** A record number stays with its person and information name; only a higher version takes the place of a lower. */
function registration(kept: KeptCopy | undefined, copy: CopyBody): CopyResult {
  if (kept === undefined) return 'REGISTERED';
  const isSame =
    kept.unifiedAddresseeNo === copy.unifiedAddresseeNo &&
    kept.informationNameCode === copy.informationNameCode;
  if (!isSame || kept.version === copy.version) return 'DUPLICATE_RECORD';
  return copy.version > kept.version ? 'REGISTERED' : 'VERSION_NOT_NEWER';
}

function statusOf(copies: readonly { readonly result: CopyResult }[], good: CopyResult) {
  return copies.every(({ result }) => result === good) ? 'DONE' : 'PARTIAL';
}
