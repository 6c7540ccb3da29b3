import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a program that verifies apart from us is on this machine. */
export function has(program: string): boolean {
  const found = spawnSync(program, [program === 'openssl' ? 'version' : '-v']).error === undefined;
  if (!found) process.stdout.write(`${program} is not here; what needs it is skipped\n`);
  return found;
}

/** A signature as it lies in a PDF, and what it covers. */
export interface TakenApart {
  readonly signature: Buffer;
  readonly content: Buffer;
  /** First and last byte after the signature's place, and how long the file is. */
  readonly range: readonly [number, number, number, number];
}

/** Finds the signature by the document's own words (ISO 32000-2 §12.8.1). */
export function takenApart(pdf: Buffer): TakenApart {
  const range = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]/.exec(pdf.toString('latin1'))!.slice(1).map(Number);
  const [start, before, after, rest] = range as [number, number, number, number];
  const hex = pdf.subarray(before + 1, after - 1).toString('latin1');
  const place = Buffer.from(hex, 'hex');
  // The place is longer than the signature: its own length says where it ends.
  const signature = place.subarray(0, 4 + place.readUInt16BE(2));
  const content = Buffer.concat([pdf.subarray(start, before), pdf.subarray(after, after + rest)]);
  return { signature, content, range: [start, before, after, rest] };
}

/** What OpenSSL says about the signature of a PDF, with nothing but the file and the certificate. */
export function verifiedByOpenssl(pdf: Buffer, certificate: Uint8Array): string {
  const { signature, content } = takenApart(pdf);
  const pem = new X509Certificate(certificate).toString();
  const command = 'cms -verify -cades -binary -inform DER -purpose any -out /dev/null'.split(' ');
  return withFiles({ signature, content, pem }, (path) => {
    const files = ['-in', path('signature'), '-content', path('content'), '-CAfile', path('pem')];
    return spawnSync('openssl', [...command, ...files], { encoding: 'utf8' }).stderr.trim();
  });
}

/** What `pdfsig` of Poppler says of a PDF. */
export function pdfsig(pdf: Buffer): string {
  return withFiles(
    { pdf },
    (path) => spawnSync('pdfsig', ['-nocert', path('pdf')], { encoding: 'utf8' }).stdout,
  );
}

/** The text of a PDF as Poppler reads it. */
export function pdfText(pdf: Buffer): string {
  return execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
}

function withFiles<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (path: (name: string) => string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-pdf-'));
  const path = (name: string) => join(folder, name);
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
    return work(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
