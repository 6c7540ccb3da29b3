import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { KuramoriError } from '../kernel/errors.js';
import { PASSPHRASE_BYTES_MAX, PASSPHRASE_BYTES_MIN } from '../kernel/limits.js';

/** Where passphrases are typed, or piped in: one a line. */
export type PassphraseInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What is asked for: that of a vault, or a new one. */
export type AskedPassphrase = 'present' | 'new';

const PROMPTS = { present: 'Passphrase: ', new: 'New passphrase: ', again: 'The same again: ' } as const;

/**
 * Asks for passphrases, never shown; who types a new one does so twice. All are read by one reader, for lines that are
 * piped in come together.
 * @returns base64url of the UTF-8 bytes of each
 * @throws KuramoriError BAD_INPUT
 */
export async function askPassphrases(
  asked: readonly AskedPassphrase[],
  input: PassphraseInput = process.stdin,
): Promise<readonly string[]> {
  if (asked.length === 0) return [];
  const typed = input.isTTY === true;
  const prompts = asked.flatMap((each) => (each === 'new' && typed ? [each, 'again' as const] : [each]));
  const lines = await hiddenLines(
    prompts.map((each) => PROMPTS[each]),
    input,
  );
  prompts.forEach((prompt, at) => {
    if (prompt === 'new') assertLength(lines[at] as string);
    if (prompt === 'again' && lines[at] !== lines[at - 1])
      throw new KuramoriError('BAD_INPUT', 'The two passphrases differ. Nothing was done.');
  });
  return lines.filter((_line, at) => prompts[at] !== 'again');
}

async function hiddenLines(prompts: readonly string[], input: PassphraseInput): Promise<readonly string[]> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: hidden, terminal: input.isTTY === true });
  const given: string[] = [];
  try {
    process.stderr.write(prompts[0] as string);
    for await (const line of lines) {
      given.push(Buffer.from(line.normalize('NFC'), 'utf8').toString('base64url'));
      if (input.isTTY === true) process.stderr.write('\n');
      const prompt = prompts[given.length];
      if (prompt === undefined) return given;
      process.stderr.write(prompt);
    }
  } finally {
    lines.close();
  }
  throw new KuramoriError('BAD_INPUT', 'No passphrase was given.');
}

function assertLength(encoded: string): void {
  const bytes = Buffer.from(encoded, 'base64url').length;
  if (bytes >= PASSPHRASE_BYTES_MIN && bytes <= PASSPHRASE_BYTES_MAX) return;
  throw new KuramoriError(
    'BAD_INPUT',
    `The passphrase must have ${PASSPHRASE_BYTES_MIN} to ${PASSPHRASE_BYTES_MAX} bytes.`,
  );
}
