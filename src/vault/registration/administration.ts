import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Temporal } from '../../kernel/dates.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { REGISTRATION_IDLE_MS_MAX, REGISTRATION_JOBS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import type { AdminHandler, UploadHandler } from '../http/admin.js';
import { readBody } from '../operation/body.js';
import { RegistrationJob } from './job.js';
import { refusalRecord } from './log.js';
import type { Registrant } from './permit.js';

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const beginForm = z.strictObject({ personId: id, approvalId: id });
const jobForm = z.strictObject({ job: id });
const chunkForm = z.strictObject({
  job: id,
  index: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});

interface RunningJob {
  readonly job: RegistrationJob;
  readonly approvalId: string;
  usedAt: Temporal.Instant;
}

/** What bulk registration offers at the administrative socket. */
export interface RegistrationAdministration {
  readonly handlers: Readonly<Record<string, AdminHandler>>;
  readonly uploads: Readonly<Record<string, UploadHandler>>;
}

/**
 * 一括登録 at the vault's host, in steps: `register.begin` {personId, approvalId} → {job}; `register.read` with each
 * chunk of the file; `register.approve` {job} → {count}; `register.chunk` with each chunk again, by its index → what
 * its lines came to; `register.end` {job} → the counts. A vault that was started anew knows no job: the same file is
 * begun again.
 * @param assertInService whether operations may be done
 */
export function registrationAdministration(
  context: VaultContext,
  assertInService: () => void,
): RegistrationAdministration {
  const jobs = new RunningJobs(context, assertInService);
  const logged = <T>(operator: string, work: () => Promise<T>) => refusalsLogged(context, operator, work);
  return {
    handlers: {
      'register.begin': (input, operator) =>
        logged(operator, async () => ({ job: await jobs.begin(readBody(beginForm, input), operator) })),
      'register.approve': (input, operator) =>
        logged(operator, async () => ({ count: await jobs.approve(readBody(jobForm, input).job) })),
      'register.end': (input, operator) =>
        logged(operator, async () => {
          const { job } = readBody(jobForm, input);
          const counts = await jobs.get(job).end();
          jobs.forget(job);
          return counts;
        }),
    },
    uploads: {
      'register.read': (bytes, query, operator) =>
        logged(operator, async () => jobs.get(readBody(jobForm, query).job).read(bytes)),
      'register.chunk': (bytes, query, operator) =>
        logged(operator, () => {
          const { job, index } = readBody(chunkForm, query);
          return jobs.get(job).register(index, bytes);
        }),
    },
  };
}

/** The registrations that the process knows. */
class RunningJobs {
  readonly #context: VaultContext;
  readonly #assertInService: () => void;
  readonly #jobs = new Map<string, RunningJob>();

  constructor(context: VaultContext, assertInService: () => void) {
    this.#context = context;
    this.#assertInService = assertInService;
  }

  /** An approval has one registration: one that is begun anew takes the place of the one that was left. */
  async begin(registrant: Registrant, operator: string): Promise<string> {
    this.#assertInService();
    const now = this.#context.clock.now();
    for (const [jobId, { approvalId, usedAt }] of this.#jobs) {
      const idleMs = now.epochMilliseconds - usedAt.epochMilliseconds;
      if (approvalId === registrant.approvalId || idleMs >= REGISTRATION_IDLE_MS_MAX) this.forget(jobId);
    }
    if (this.#jobs.size >= REGISTRATION_JOBS_MAX) throw tooManyJobs();
    const jobId = randomUUID();
    const job = await RegistrationJob.begin(this.#context, registrant, { operator, jobId });
    this.#jobs.set(jobId, { job, approvalId: registrant.approvalId, usedAt: now });
    return jobId;
  }

  get(jobId: string): RegistrationJob {
    this.#assertInService();
    const running = this.#jobs.get(jobId);
    if (running === undefined) throw noJob();
    running.usedAt = this.#context.clock.now();
    return running.job;
  }

  /** A file that is not approved holds no place of others. */
  async approve(jobId: string): Promise<number> {
    try {
      return await this.get(jobId).approve();
    } catch (error) {
      this.forget(jobId);
      throw error;
    }
  }

  forget(jobId: string): void {
    this.#jobs.delete(jobId);
  }
}

/** Every refusal is itself an entry (handbook 15 §10). @throws what `work` throws; AUDIT_UNAVAILABLE */
async function refusalsLogged<T>(
  context: VaultContext,
  operator: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isKuramoriError(error, 'AUDIT_UNAVAILABLE')) throw error;
    await context.audit.append(refusalRecord(context, operator, error));
    throw error;
  }
}

function noJob(): KuramoriError {
  return new KuramoriError('NOT_FOUND', 'The vault knows no such registration. Start it again.');
}

function tooManyJobs(): KuramoriError {
  return new KuramoriError('TOO_MANY_REQUESTS', 'Other registrations are under way. Wait for their end.');
}
