import {
  numberSearchRequest,
  openAnalysisRequest,
  revealRequest,
  reviewAnalysisRequest,
  verifyPublishedKeys,
} from '../../../../src/client/index.js';
import { analysisAdministration } from '../../../../src/vault/analysis/administration.js';
import type { AnalysisRun } from '../../../../src/vault/analysis/run.js';
import { signedInputKeys } from '../../../../src/vault/signing/inputKeys.js';
import type { Answer } from '../../../../src/vault/client/wire.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { byTwos, done } from '../../operation/support/two.js';
import { testService, type TestPerson, type TestService } from '../../operation/support/vault.js';

/** Numbers of handbook 10 §3.2: nobody's. */
const [NUMBER, OTHER] = ['123456789018', '135792468015'] as const;
const HOUR_MS = 3_600_000;

/** A run as commands and operations tell it. */
export type ToldRun = Omit<AnalysisRun, 'logUntil' | 'thresholdVersion' | 'hits'> & {
  readonly hits: readonly (Omit<AnalysisRun['hits'][number], 'sequences'> & {
    sequences: readonly string[];
  })[];
  readonly review?: Readonly<Record<string, string>> | null;
};

/** A vault with officers, whose log has a month that was not quite as it should be. */
export interface AnalysedVault {
  readonly vault: TestService;
  readonly clerk: TestPerson;
  readonly officer: TestPerson;
  readonly chief: TestPerson;
  readonly auditor: TestPerson;
  /** Shown on a Sunday, with nothing done in the case. */
  readonly ref: VaultRef;
  readonly ask: <T = ToldRun>(command: string, input?: object) => Promise<T>;
  /** The code that a command is refused with, and its field or rule. */
  readonly refusal: (command: string, input?: object) => Promise<string>;
  readonly opens: (person: TestPerson, runId?: string) => Promise<Answer>;
  readonly reviews: (person: TestPerson, run: ToldRun, own?: Partial<Said>) => Promise<Answer>;
}

interface Said {
  readonly digest: string;
  readonly outcome: 'sound' | 'followUp' | 'incident';
  readonly conclusion: string;
}

/** November 2026, seen from 2 December: 22 November is a Sunday. */
export async function analysedVault(): Promise<AnalysedVault> {
  const vault = await testService();
  const clerk = await vault.person('P-1029', ['register', 'resolve', 'reveal', 'status', 'erase']);
  const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
  const chief = await vault.officer('P-0001', { role: 'chiefOfficer', unit: 'soumu' });
  const auditor = await vault.officer('P-2001', { role: 'auditOfficer', unit: 'kansa' });
  const ref = await byTwos(vault).register(clerk, NUMBER);
  const later = { ...clerk, context: { ...clerk.context, caseId: 'C-2026-0002' } };
  const stepUp = await vault.stepUp(clerk);
  await vault.run(await revealRequest(clerk.key, { ...later.context, ref, stepUp }));
  await vault.run(await numberSearchRequest(clerk.key, { ...clerk.context, number: OTHER, stepUp }));
  const handlers = analysisAdministration(vault.context);
  const ask: AnalysedVault['ask'] = async <T>(command: string, input: object = {}) =>
    (await handlers[`analysis.${command}`]!(input as never, 'operator-1')) as T;
  return {
    vault,
    clerk,
    officer,
    chief,
    auditor,
    ref,
    ask,
    refusal: async (command, input) => {
      try {
        await ask(command, input);
        return 'accepted';
      } catch (error) {
        const { code, facts } = error as { code: string; facts?: Record<string, string> };
        return `${code} ${facts?.['field'] ?? facts?.['rule'] ?? ''}`.trim();
      }
    },
    opens: async ({ key, context }, runId) =>
      vault.run(await openAnalysisRequest(key, { ...context, ...(runId === undefined ? {} : { runId }) })),
    reviews: async (person, { runId, digest }, own = {}) => {
      const said = {
        digest,
        outcome: 'sound',
        conclusion: '担当者に確認し、業務上の必要を認めた。',
        ...own,
      } as const;
      const details = { ...person.context, runId, stepUp: await stepUpNow(vault, person), ...said };
      return vault.run(await reviewAnalysisRequest(person.key, details));
    },
  };
}

/** Of a clock that was moved: the keys that were published before have expired. */
export async function stepUpNow(vault: TestService, person: TestPerson): Promise<string> {
  const { signed } = signedInputKeys(vault.context)();
  const { municipality, anchor } = person.context;
  const vaultKeys = await verifyPublishedKeys(signed, anchor, { municipality, now: vault.clock.ms });
  return vault.stepUp({ ...person, context: { ...person.context, vaultKeys } });
}

/** Moves the clock to 00:00 of a day in Japan. */
export function moveTo({ clock }: TestService, day: string): void {
  clock.move(Date.parse(`${day}T00:00:00Z`) - 9 * HOUR_MS - clock.ms());
}

/** What `openAnalysis` answered: the one for a run, the other without. */
export interface Opened {
  readonly run: ToldRun;
  readonly waiting: readonly ToldRun[];
}

export function openedOf(answer: Answer): Opened {
  return done(answer) as unknown as Opened;
}
