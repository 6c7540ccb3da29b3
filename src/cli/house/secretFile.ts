import { writeFileSync } from 'node:fs';

/** Writes a file for its owner alone. */
export function writeSecret(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
}
