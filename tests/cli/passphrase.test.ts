import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { askPassphrases } from '../../src/cli/passphrase.js';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64url');
const GOOD = 'correct horse battery staple';

/** Somebody at a terminal, who types each line after its prompt. */
function typist(...lines: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const shown: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown.push(String(text));
    if (String(text).endsWith(': ')) setImmediate(() => input.write(`${lines.shift() ?? ''}\r`));
    return true;
  });
  return { input, shown, done: () => spy.mockRestore() };
}

test('who types a new passphrase does so twice, and neither is shown', async () => {
  const { input, shown, done } = typist('present one', GOOD, GOOD);
  expect(await askPassphrases(['present', 'new'], input).finally(done)).toEqual([
    base64('present one'),
    base64(GOOD),
  ]);
  expect(shown.join('')).toBe('Passphrase: \nNew passphrase: \nThe same again: \n');
});

test('two that differ are refused', async () => {
  const { input, done } = typist(GOOD, `${GOOD}!`);
  await expect(askPassphrases(['new'], input).finally(done)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('differ') as string,
  });
});

test('a passphrase is the same however its letters were composed', async () => {
  const piped = (text: string) => new PassThrough().end(`${text}\n`);
  const [composed] = await askPassphrases(['new'], piped('\u30d1\u30b9\u30d5\u30ec\u30fc\u30ba'));
  const [decomposed] = await askPassphrases(
    ['new'],
    piped('\u30cf\u309a\u30b9\u30d5\u30ec\u30fc\u30b9\u3099'),
  );
  expect(decomposed).toBe(composed);
});

test('where none is asked for, nothing is read', async () => {
  expect(await askPassphrases([], new PassThrough())).toEqual([]);
});
