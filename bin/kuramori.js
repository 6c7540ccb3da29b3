#!/usr/bin/env node
// Starts the built command line with a Node that can run it: the host's, or the one the npm package `node` brought.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const BROUGHT = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const NODE_MAJOR_MIN = 24;

if (!existsSync(MAIN)) {
  process.stderr.write('kuramori: not built yet. Run npm run build.\n');
  process.exitCode = 1;
} else if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  await import(MAIN);
} else if (existsSync(BROUGHT)) {
  const child = spawn(BROUGHT, [MAIN, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.stderr.write(`kuramori: Node ${NODE_MAJOR_MIN} or later is needed.\n`);
  process.exitCode = 1;
}
