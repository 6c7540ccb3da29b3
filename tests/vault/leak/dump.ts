/**
 * Loaded before a process of the product, so that a test can look into it: on SIGUSR2 it writes a snapshot of the heap
 * and Node’s own report of the process into TEST_DUMP_FOLDER. What TEST_CONTROL holds is planted at once in the heap,
 * outside of it, and in both outputs: a search that does not find it there proves nothing.
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';

const folder = process.env['TEST_DUMP_FOLDER'] ?? '';
const control = process.env['TEST_CONTROL'] ?? '';

Object.assign(globalThis, {
  testControl: {
    text: `heap ${control} heap`,
    value: Number(control) + 0.5 - 0.5,
    bytes: Buffer.alloc(4_096, `outside ${Buffer.from(control).toString('base64')} of the heap `),
  },
});
process.stdout.write(`${JSON.stringify({ level: 20, msg: `output ${control}` })}\n`);
process.stderr.write(`error ${control}\n`);

process.on('SIGUSR2', () => {
  const part = join(folder, 'part');
  writeHeapSnapshot(part, { exposeInternals: true, exposeNumericValues: true });
  const { report } = process;
  report.directory = folder;
  report.writeReport('report.json');
  renameSync(part, join(folder, 'heap.json'));
});
