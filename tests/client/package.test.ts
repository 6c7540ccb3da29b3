import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' });

describe('the client package', () => {
  beforeAll(() => {
    run('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json']);
    run('node_modules/.bin/tsc', ['-p', 'tsconfig.client.json']);
  });

  it('is imported by its name, and signs in one call', () => {
    const script = `
      import { newTerminalKey, signAssertion } from 'kuramori/client';
      const context = { credentialId: 'C-1', terminalId: 'T-1', personId: 'P-1', municipality: '992011',
        purpose: 'REFUND', basis: 'B-1', caseId: 'C-2026-0001' };
      const ref = 'vr_' + '0'.repeat(26);
      const signed = await signAssertion(await newTerminalKey(), { ...context, op: 'status', ref }, {});
      process.stdout.write(String(signed.assertion.split('.').length));`;
    expect(run(process.execPath, ['--input-type=module', '--eval', script])).toBe('3');
  });

  it('goes out with its code and its types, and without the tests', () => {
    const [packed] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'])) as [
      { files: { path: string }[] },
    ];
    const paths = packed.files.map(({ path }) => path);
    for (const name of ['index', 'requests', 'open'])
      expect(paths).toEqual(
        expect.arrayContaining([`dist/src/client/${name}.js`, `dist/src/client/${name}.d.ts`]),
      );
    expect(paths).toContain('dist/src/cli/main.js');
    expect(paths.filter((path) => /^(tests|bench|src|var)\//.test(path))).toEqual([]);
  });
});
