// `npm run check`: everything that is checked without running the product, each step named as a sentence.
// `--json FILE` writes { passed, failed } for .ci/run; names given as arguments run those steps only.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const STEPS = [
  ['types', 'The types are sound', 'tsc --noEmit'],
  ['build', 'The product builds', 'tsc -p tsconfig.build.json'],
  ['lint', 'The linter finds nothing', 'oxlint --deny-warnings'],
  ['format', 'Every file is formatted', 'oxfmt --check'],
  [
    'arrows',
    'Imports follow the arrows of the design',
    'depcruise src schema --config .dependency-cruiser.cjs --progress none',
  ],
  [
    'built',
    'The built code keeps its boundaries',
    'depcruise dist --config .dependency-cruiser.built.cjs --progress none',
  ],
  ['unused', 'Nothing is unused', 'knip --no-progress'],
  ['drift', 'Tables and migrations agree', 'node scripts/drift.mjs'],
  ['schema', 'The published schema and access matrix are current', 'node dist/src/cli/main.js schema check'],
];

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !STEPS.some(([step]) => step === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(', ')}. Steps: ${STEPS.map(([step]) => step).join(', ')}.\n`,
  );
  process.exit(2);
}

const env = { ...process.env, PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` };
let passed = 0;
let failed = 0;
for (const [step, sentence, command] of STEPS) {
  if (positionals.length > 0 && !positionals.includes(step)) continue;
  const startedAt = performance.now();
  const [program, ...args] = command.split(' ');
  const run = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 ** 2,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (run.status === 0) {
    passed += 1;
    process.stdout.write(`ok    ${step.padEnd(8)} ${sentence} (${seconds} s)\n`);
  } else {
    failed += 1;
    const said = run.error === undefined ? `${run.stdout}${run.stderr}` : String(run.error);
    process.stdout.write(`FAIL  ${step.padEnd(8)} ${sentence} (${seconds} s): ${command}\n${said}\n`);
  }
}
process.stdout.write(`${passed} steps passed, ${failed} failed\n`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
