#!/usr/bin/env node
/* oxlint-disable -- runs unbuilt in a process of its own */
// A contractor's converter: reads frames of files and writes the ledger in fixed columns, for tests.
// Its name decides how it fails: …-leaves, …-dies, …-other, or one of `outputs` below. …-hasty reads nothing.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const how = basename(process.argv[1]);
const chunks = [];
if (how.endsWith('-hasty')) process.stdin.destroy();
else for await (const chunk of process.stdin) chunks.push(chunk);
let rest = Buffer.concat(chunks);
const files = new Map();
while (rest.length > 0) {
  const end = rest.indexOf(0x0a);
  const { name, bytes } = JSON.parse(rest.subarray(0, end).toString());
  files.set(name, rest.subarray(end + 1, end + 1 + bytes).toString());
  rest = rest.subarray(end + 1 + bytes);
}
if (how.endsWith('-leaves')) writeFileSync('copy.txt', 'left behind');
if (how.endsWith('-dies')) process.exit(3);
const lines = (files.get('03_ledger.csv') ?? '').trim().split('\n').slice(1);
const fixed = lines.map((line) => {
  const cells = line.split(',');
  return `${cells[0].padEnd(12)}${cells[10].padStart(12, '0')}\r\n`;
});
const out = Buffer.from(fixed.join(''));
const name = how.endsWith('-other') ? 'attachments/other.txt' : 'attachments/MEISAI.TXT';
const header = `${JSON.stringify({ name, bytes: out.length })}\n`;
const whole = Buffer.concat([Buffer.from(header), out]);
const outputs = {
  garbled: Buffer.from('MEISAI.TXT\n'),
  wordy: Buffer.from(`${' '.repeat(5_000)}${header}`),
  endless: Buffer.alloc(5_000, ' '),
  torn: Buffer.concat([whole, Buffer.from('{"name"')]),
  halts: whole.subarray(0, -1),
  silent: Buffer.alloc(0),
  twice: Buffer.concat([whole, whole]),
};
process.stdout.write(outputs[how.replace('convert-', '')] ?? whole);
