import type { Command } from 'commander';
import { KuramoriError } from '../kernel/errors.js';
import { findRunning, houseHome } from './house/home.js';
import { readDemonstrationStaff } from './house/credentials.js';
import { fromBase32, totpCode, totpStep } from '../kernel/token/totp.js';

/**
 * `kuramori token STAFF`: signs a member of the demonstration's staff in, as a front end would, and prints the access
 * token.
 */
export function registerTokenCommand(program: Command): void {
  program
    .command('token <staff>')
    .description('sign in to the running demonstration and print an access token (5 minutes)')
    .action(async (staffId: string) => {
      process.stdout.write(`${await signIn(staffId)}\n`);
    });
}

async function signIn(staffId: string): Promise<string> {
  const home = houseHome(process.env);
  const house = findRunning(home);
  if (!house) throw new KuramoriError('CONFLICT', 'The house is not running. Start it with npm start.');
  const member = readDemonstrationStaff(home).find((candidate) => candidate.staffId === staffId);
  if (!member)
    throw new KuramoriError(
      'NOT_FOUND',
      'The demonstration has no such member of staff. Its sign-in names stand where npm start was typed.',
    );
  const step = totpStep(Date.now());
  // A code is taken once: the one of the next step serves a second sign-in within the same half minute.
  for (const each of [step, step + 1]) {
    const answer = await fetch(new URL('/session', house.gateway), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        staffId,
        password: member.password,
        totp: totpCode(fromBase32(member.totpSecret), each),
      }),
    });
    if (answer.ok) return ((await answer.json()) as { accessToken: string }).accessToken;
  }
  throw new KuramoriError(
    'UNAUTHENTICATED',
    'The sign-in was refused. Wait half a minute for a new code and try again.',
  );
}
