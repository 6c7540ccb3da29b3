#!/usr/bin/env node
/** The oldest Node that can run the program. An older one fails while loading it, so nothing is imported before. */
const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  const { knowModuleFormats } = await import('./moduleFormat.js');
  knowModuleFormats();
  await import('./program.js');
} else {
  process.stderr.write(
    `kuramori: Node ${NODE_MAJOR_MIN} or later is needed. Use npm start, which brings its own, or install it.\n`,
  );
  process.exitCode = 1;
}
