import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { TRANSFER_CLAIMS_PER_DISPOSITION_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';
import { claimsOf } from '../../protocol/transfer/disposition.js';
import type { ResultRow } from '../../protocol/transfer/result.js';

/** What an organization did in its cases, as a simulation makes it: the same lines give the same rows. Pure. */

type Disposition = ResultRow['23_dispositions.csv'];

/** The files of a result about it. */
export interface Acts {
  readonly dispositions: readonly Disposition[];
  readonly renewals: readonly ResultRow['24_limitation.csv'][];
  readonly contacts: readonly ResultRow['25_contacts.csv'][];
}

/** A line that was taken on, with the tax that is left of it at the end of a period. */
export interface LeftLine {
  readonly caseNo: string;
  readonly lineNo: number;
  readonly left: Yen;
}

const END = { claims: null, assetKind: null, identification: null, thirdParty: null, receiptNo: null };

/**
 * Acts of a period, on its last day: a case that owes something is seized, once; when it owes nothing, or the report is
 * the last one, the seizure is released, which renews the limitation of what it covered. The debtor gets a letter.
 * @param lines of all cases, in the order of their case numbers
 * @param before acts of earlier reports on the package
 */
export function actsOf(
  lines: readonly LeftLine[],
  before: readonly Acts[],
  { until, final }: { readonly until: IsoDate; readonly final: boolean },
): Acts {
  const dispositions: Disposition[] = [];
  const renewals: Acts['renewals'][number][] = [];
  const contacts: Acts['contacts'][number][] = [];
  const earlier = byCase(before.flatMap((acts) => acts.dispositions));
  const midnight = `${plainDate(until).subtract({ days: 1 }).toString()}T15:00:00Z`;
  const letter = { at: midnight, channel: 'LETTER', counterpart: '本人' } as const;
  for (const [caseNo, ofCase] of byCase(lines)) {
    const owing = ofCase.filter(({ left }) => left > 0n);
    const made = earlier.get(caseNo) ?? [];
    const lasting = lastingOf(made);
    if (lasting === undefined && owing.length > 0 && !final) dispositions.push(seizure(owing, made, until));
    if (lasting !== undefined && (final || owing.length === 0)) {
      const { dispositionNo, claims } = lasting;
      dispositions.push({ ...END, caseNo, dispositionNo, act: 'RELEASE', on: until });
      for (const { lineNo } of claimsOf(claims!))
        renewals.push({ caseNo, lineNo, renewal: 'SEIZURE', renewedOn: until });
    }
    contacts.push({ caseNo, ...letter, summary: owing.length > 0 ? '催告書を送付' : '完納の通知を送付' });
  }
  return { dispositions, renewals, contacts };
}

function lastingOf(made: readonly Disposition[]): Disposition | undefined {
  const ended = new Set(made.filter(({ act }) => act !== 'SEIZURE').map((row) => row.dispositionNo));
  return made.find(({ act, dispositionNo }) => act === 'SEIZURE' && !ended.has(dispositionNo));
}

function seizure(owing: readonly LeftLine[], made: readonly Disposition[], until: IsoDate): Disposition {
  const { caseNo } = owing[0]!;
  const number = made.filter(({ act }) => act === 'SEIZURE').length + 1;
  const claims = owing
    .slice(0, TRANSFER_CLAIMS_PER_DISPOSITION_MAX)
    .map(({ lineNo, left }) => `${lineNo}:${left}`)
    .join(';');
  const property = { assetKind: 'DEPOSIT', identification: '普通預金', thirdParty: '架空銀行本店' } as const;
  return { ...END, ...property, caseNo, dispositionNo: `S-${number}`, act: 'SEIZURE', on: until, claims };
}

function byCase<R extends { readonly caseNo: string }>(rows: readonly R[]): Map<string, R[]> {
  const cases = new Map<string, R[]>();
  for (const row of rows) {
    const of = cases.get(row.caseNo);
    if (of === undefined) cases.set(row.caseNo, [row]);
    else of.push(row);
  }
  return cases;
}
