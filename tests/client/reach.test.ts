import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileClient, reachedFrom } from './support/compiled.js';

const compiled = compileClient();
afterAll(() => compiled.remove());

describe('the built client', () => {
  const { files, names } = reachedFrom(join(compiled.folder, compiled.entry));

  test('imports jose and canonicalize, and nothing of Node', () => {
    expect(names).toEqual(['canonicalize', 'jose']);
  });

  test('reaches its own folder, the limits and six files of the kernel', () => {
    const own = files.map((file) => file.slice(compiled.folder.length + 1));
    const beyond = own.filter((file) => !/^src\/(client|kernel\/limits)\//.test(file));
    expect(beyond).toEqual([
      'src/kernel/canonical.js',
      'src/kernel/checkDigit.js',
      'src/kernel/errors.js',
      'src/kernel/limits.js',
      'src/kernel/suspectedNumber.js',
      'src/kernel/uuid.js',
      'src/kernel/vaultOperations.js',
    ]);
    expect(own.length).toBeGreaterThan(8);
  });

  test('uses no name that only Node has', () => {
    for (const file of files)
      expect(readFileSync(file, 'utf8')).not.toMatch(/\b(?:Buffer[.(]|process\.|require\(|__dirname)/);
  });

  test('reaches through its packages nothing of Node either', () => {
    const jose = reachedFrom(resolve('node_modules/jose/dist/webapi/index.js'));
    expect(jose.files.length).toBeGreaterThan(20);
    expect(jose.names).toEqual([]);
    expect(readFileSync(resolve('node_modules/canonicalize/lib/canonicalize.js'), 'utf8')).not.toMatch(
      /require|import/,
    );
  });
});

test('the search for imports sees every form of them', () => {
  const file = join(compiled.folder, 'forms.js');
  const forms = [
    "import 'a';",
    "import b from 'b'; import * as c from 'c';",
    "import { x,\n  y as z\n} from 'd';",
    "export * from 'e';",
    "export { x as default } from 'f';",
    "const g = await import('g');",
    "const h = require('node:h');",
    "export const none = 'not imported';",
    'const computed = import(none);',
  ];
  writeFileSync(file, forms.join('\n'));
  expect(reachedFrom(file).names).toEqual([
    'a',
    'a name that is computed',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'node:h',
  ]);
});
