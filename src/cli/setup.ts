import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { openAuditLog } from '../audit/log.js';
import { foundRegister, type Founding } from '../access/register/founding.js';
import { systemClock } from '../kernel/clock.js';
import { KuramoriError } from '../kernel/errors.js';
import { withRecords } from './house/records.js';

const department = z
  .strictObject({ code: z.string(), name: z.string(), branchCode: z.string().optional() })
  .transform(({ code, name, branchCode }) => ({ code, name, branchCode }));

const founding = z.strictObject({
  municipality: z.strictObject({ code: z.string().regex(/^\d{6}$/), name: z.string().min(1) }),
  departments: z.array(department).min(1),
  administrators: z
    .array(
      z.strictObject({
        staffId: z.string(),
        personId: z.string(),
        name: z.string(),
        kana: z.string(),
        department: z.string(),
        employmentFrom: z.iso.date(),
      }),
    )
    .min(2),
});

/** `kuramori setup FILE`: founds the register of a municipality's empty records database. */
export function registerSetupCommand(program: Command): void {
  program
    .command('setup <file>')
    .description(
      'found an empty records database: municipality, departments, first access administrators (as its owner)',
    )
    .action(async (file: string) => {
      const wanted = readFounding(file);
      const codes = await withRecords(process.env, 'owner', async (database) => {
        const audit = openAuditLog(database);
        try {
          return await foundRegister(database, audit, systemClock, wanted);
        } finally {
          await audit.close();
        }
      });
      process.stdout.write('Enrolment codes, shown once; hand each to its person on paper:\n');
      for (const { staffId, enrolmentCode } of codes)
        process.stdout.write(`  ${staffId}  ${enrolmentCode}\n`);
    });
}

function readFounding(file: string): Founding {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new KuramoriError('BAD_INPUT', 'The file cannot be read as JSON.', {}, { cause });
  }
  const result = founding.safeParse(content);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
  throw new KuramoriError('BAD_INPUT', `The file does not have the form of a setup; look at ${places}.`);
}
