import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
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
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-pdf-'));
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const { signature, content } = takenApart(pdf);
  const pem = new X509Certificate(certificate).toString();
  const command = 'cms -verify -cades -binary -inform DER -purpose any -out /dev/null'.split(' ');
  const files = ['-in', file('signature', signature), '-content', file('content', content)];
  const run = spawnSync('openssl', [...command, ...files, '-CAfile', file('certificate.pem', pem)]);
  return run.stderr.toString('utf8').trim();
}

/** What `pdfsig` of Poppler says of a PDF. */
export function pdfsig(pdf: Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'kuramori-pdf-')), 'evidence.pdf');
  writeFileSync(path, pdf);
  return spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout;
}

/** The text of a PDF as Poppler reads it. */
export function pdfText(pdf: Buffer): string {
  return execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
}
