import type { AuditEntry } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { FILE_FAULTS_REPORTED_MAX } from '../../kernel/limits.js';
import { auditRefused, loadRecord } from './audit.js';
import { openSourceFile } from './file.js';
import type { LoadOptions } from './job.js';
import { insertChange, prepareSession } from './loadFile.js';
import { keepReferences, REFERENCE_RULES, type ReferenceRule } from './numbers/references.store.js';
import { referencesIn } from './numbers/resultLines.js';

/** What the load of a result file came to. */
export interface NumbersLoaded {
  /** References that are here since this load. */
  readonly kept: number;
  /** References that were here already. */
  readonly unchanged: number;
  readonly refused: Readonly<Partial<Record<ReferenceRule, number>>>;
  /** The first of the refused lines, at most FILE_FAULTS_REPORTED_MAX. */
  readonly refusedLines: readonly { readonly lineNo: number; readonly rule: ReferenceRule }[];
}

/**
 * Loads the references of a bulk registration (一括登録) into the records: the result file of
 * `kuramori vault register`, in one transaction, all that can be kept of it or nothing. A reference that is here is
 * never changed: who has another one is refused and reported, and raised. The same file again changes nothing.
 * @param options as `kuramori_loader`; `onBadLine` and `bookedOn` do not matter
 * @throws KuramoriError FILE_REJECTED when it is no such file; NOT_FOUND; CONFLICT when it was changed meanwhile
 */
export async function loadNumbers(options: LoadOptions): Promise<NumbersLoaded> {
  try {
    return await loadInOne(options);
  } catch (error) {
    await auditRefused('numbers', options, options.database, error);
    throw error;
  }
}

async function loadInOne(options: LoadOptions): Promise<NumbersLoaded> {
  const file = await openSourceFile(options.path);
  try {
    return await options.database.transaction('load.numbers', async (tx) => {
      await prepareSession(tx, file.sha256);
      const loaded = await keepAll(tx, file, options.onProgress);
      if (loaded.kept > 0) await insertChange('numbers', options, tx);
      // The journal of references, which names that change, before the append takes the log's one lock.
      await tx.run('load.numbers.journal', ({ raw }) => raw`set constraints all immediate`);
      // Last, because it takes the log's one lock.
      await options.audit.appendIn(tx, {
        ...loadRecord('numbers', options, { decision: 'allow', rows: loaded.kept }),
        entries: entriesOf(loaded),
      });
      return loaded;
    });
  } finally {
    await file.close();
  }
}

async function keepAll(
  tx: Session,
  file: Awaited<ReturnType<typeof openSourceFile>>,
  onProgress: LoadOptions['onProgress'],
): Promise<NumbersLoaded> {
  const { byteCount: total } = file;
  let [kept, unchanged, done] = [0, 0, 0];
  const refused: Partial<Record<ReferenceRule, number>> = {};
  const refusedLines: { lineNo: number; rule: ReferenceRule }[] = [];
  const counted = async function* () {
    for await (const piece of file.pieces()) {
      done += piece.length;
      yield piece;
    }
  };
  for await (const chunk of referencesIn(counted())) {
    for (const { lineNo, outcome } of await keepReferences(tx, chunk)) {
      if (outcome === 'kept') kept += 1;
      else if (outcome === 'unchanged') unchanged += 1;
      else {
        refused[outcome] = (refused[outcome] ?? 0) + 1;
        if (refusedLines.length < FILE_FAULTS_REPORTED_MAX) refusedLines.push({ lineNo, rule: outcome });
      }
    }
    onProgress?.({ phase: 'posting', done, total });
  }
  return { kept, unchanged, refused, refusedLines };
}

/** Two numbers for one person, or two people for one number, are a thing to be looked at. */
const RAISED: readonly ReferenceRule[] = ['OTHER_REFERENCE', 'OTHER_ADDRESSEE'];

function entriesOf({ kept, refused }: NumbersLoaded): readonly AuditEntry[] {
  const entry = { coordinate: 'Load.numbers', subjects: [] };
  return [
    { ...entry, decision: 'allow', rows: kept },
    ...REFERENCE_RULES.flatMap((rule): AuditEntry[] => {
      const rows = refused[rule];
      if (rows === undefined) return [];
      return [{ ...entry, decision: 'refuse', reason: rule, rows, raised: RAISED.includes(rule) }];
    }),
  ];
}
