import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { WRITE_OFF_LEVIES_MAX } from '../../kernel/limits.js';
import { sumYen, type Yen } from '../../kernel/yen.js';

/** What was written off of a line by one proposal, as somebody wants to take it back. */
export interface WrittenOffLine {
  readonly levyId: bigint;
  /** Over all components; 0 when it was taken back already. */
  readonly writtenOff: Yen;
  /** It is in a proposal to take it back that nobody has decided. */
  readonly isProposed: boolean;
  /** The collection organization collects it (移管中). */
  readonly isLocked: boolean;
}

/** 取消の起案. */
export interface NewReversal {
  readonly writeOffProposalId: bigint;
  readonly addresseeNo: string;
  readonly levyIds: readonly bigint[];
  readonly amount: Yen;
  readonly proposedBy: string;
  readonly proposedOn: IsoDate;
  readonly reason: string;
}

/**
 * What lines owe again when their write-off is taken back, each whole. A write-off is taken back for error alone
 * (handbook 03 §6); whether there was one the two people know.
 * @param field the field of the input by which the lines were named
 * @returns yen, above 0
 * @throws KuramoriError BAD_INPUT, NOT_FOUND or CONFLICT naming the field
 */
export function reversedYen(
  levyIds: readonly bigint[],
  lines: readonly WrittenOffLine[],
  field: 'levyIds' | 'reversalId' = 'levyIds',
): Yen {
  const isSound = levyIds.length > 0 && levyIds.length <= WRITE_OFF_LEVIES_MAX;
  if (!isSound || new Set(levyIds).size < levyIds.length)
    throw new KuramoriError(
      'BAD_INPUT',
      `Name at least one levy line and at most ${WRITE_OFF_LEVIES_MAX}, each once.`,
      { field },
    );
  if (lines.length < levyIds.length)
    throw new KuramoriError('NOT_FOUND', 'A levy line is none of this write-off. Check the numbers.', {
      field,
    });
  for (const { writtenOff, isProposed, isLocked } of lines) {
    if (isProposed)
      throw conflict('A line is in a proposal that nobody has decided. Have it decided first.', field);
    if (isLocked)
      throw conflict('A line is with the collection organization. Wait until it returns the case.', field);
    if (writtenOff <= 0n)
      throw conflict('The write-off of a line was taken back already. Leave it out.', field);
  }
  return sumYen(lines.map(({ writtenOff }) => writtenOff));
}

function conflict(sentence: string, field: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field });
}
