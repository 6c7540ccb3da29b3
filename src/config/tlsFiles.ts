import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import { TLS_FILES_CHECK_MS } from '../kernel/limits.js';
import type { WatchedFile } from './setting.js';

/** Key and certificate chain of one side of a connection, PEM. */
export interface KeyPairPem {
  readonly key: string;
  readonly certificate: string;
}

/** Key, certificate chain and authority of one side of a connection, PEM. */
export interface TlsPem extends KeyPairPem {
  /** Nobody else is trusted. */
  readonly ca: string;
}

/** The files they lie in. */
export type TlsFiles<Pem extends KeyPairPem = TlsPem> = { readonly [Part in keyof Pem]: WatchedFile };

/** Why what lies in the files is not taken. */
export type TlsFault =
  | 'unreadable'
  | 'malformed'
  | 'keyMismatch'
  | 'notYetValid'
  | 'expired'
  | 'otherName'
  | 'otherAuthority';

/** What a look at changed files came to. */
export type TlsChange =
  | { readonly taken: true; /** SHA-256 of the certificate, hexadecimal. */ readonly fingerprint: string }
  | { readonly taken: false; readonly fault: TlsFault };

export interface TlsWatch<Pem extends KeyPairPem = TlsPem> {
  readonly clock: Clock;
  /** Whether a certificate was made out to this process. @param subjectAltName as Node writes it */
  readonly isOurs: (subjectAltName: string | undefined) => boolean;
  /** Whose certificate the process shows: of the authority that it trusts, which is meant by default, or of any. */
  readonly issuer?: 'trusted' | 'any';
  /** Serves by what was read from now on. */
  readonly take: (pem: Pem) => void;
  /** Told of what was taken or refused, once for each content. */
  readonly tell: (change: TlsChange) => void;
}

/**
 * Key and certificate that are renewed while the process runs: looked at when somebody says so, and every
 * TLS_FILES_CHECK_MS. What does not fit together is refused, and what was served before stays in service. Files are
 * written one after the other: by itself it takes only what it finds the same twice. Without the file of an authority
 * nobody asks who has issued the certificate.
 */
export class TlsReloader<Pem extends KeyPairPem = TlsPem> {
  readonly #files: TlsFiles<Pem>;
  readonly #watch: TlsWatch<Pem>;
  readonly #timer: NodeJS.Timeout;
  #served: string;
  #seen: string | undefined;
  #refused: string | undefined;

  constructor(files: TlsFiles<NoInfer<Pem>>, watch: TlsWatch<NoInfer<Pem>>) {
    this.#files = files;
    this.#watch = watch;
    this.#served = digestOf(mapped<Pem>(files, (file) => file.content));
    this.#timer = setInterval(() => this.check(), TLS_FILES_CHECK_MS);
    this.#timer.unref();
  }

  /** Looks now, because somebody said so; also again at what was refused before. */
  reload(): void {
    this.#refused = undefined;
    this.#tryNow(this.#read());
  }

  /** Looks by itself. */
  check(): void {
    const pem = this.#read();
    const digest = digestOf(pem);
    if (digest === this.#seen && digest !== this.#refused) this.#tryNow(pem);
    this.#seen = digest;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tryNow(pem: Pem | undefined): void {
    const digest = digestOf(pem);
    if (digest === this.#served) return;
    const { clock, take, tell } = this.#watch;
    if (pem === undefined) return this.#refuse(digest, 'unreadable');
    const fault = faultOf(pem, clock.now().epochMilliseconds, this.#watch);
    if (fault !== undefined) return this.#refuse(digest, fault);
    take(pem);
    this.#served = digest;
    this.#refused = undefined;
    const fingerprint = new X509Certificate(pem.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    tell({ taken: true, fingerprint });
  }

  #refuse(digest: string, fault: TlsFault): void {
    this.#refused = digest;
    this.#watch.tell({ taken: false, fault });
  }

  #read(): Pem | undefined {
    try {
      return mapped<Pem>(this.#files, (file) => file.read());
    } catch {
      return undefined;
    }
  }
}

/** What the files held at start. */
export function contentOf(files: TlsFiles): TlsPem {
  return mapped<TlsPem>(files, (file) => file.content);
}

/** What is in each of the files. */
function mapped<Pem extends KeyPairPem>(files: TlsFiles<Pem>, read: (file: WatchedFile) => string): Pem {
  const parts = Object.entries<WatchedFile>(files).map(([part, file]) => [part, read(file)] as const);
  return Object.fromEntries(parts) as unknown as Pem;
}

function faultOf(
  pem: KeyPairPem & { readonly ca?: string },
  nowMs: number,
  { isOurs, issuer }: Pick<TlsWatch, 'isOurs' | 'issuer'>,
): TlsFault | undefined {
  try {
    const [leaf, ...others] = certificatesIn(pem.certificate);
    const authorities = pem.ca === undefined ? undefined : certificatesIn(pem.ca);
    if (leaf === undefined || authorities?.length === 0) return 'malformed';
    if (!leaf.checkPrivateKey(createPrivateKey(pem.key))) return 'keyMismatch';
    if (nowMs < Date.parse(leaf.validFrom)) return 'notYetValid';
    if (nowMs >= Date.parse(leaf.validTo)) return 'expired';
    if (!isOurs(leaf.subjectAltName)) return 'otherName';
    if (issuer === 'any' || authorities === undefined) return undefined;
    return isIssued([leaf, ...others], authorities) ? undefined : 'otherAuthority';
  } catch {
    return 'malformed';
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).map((each) => new X509Certificate(each));
}

/** Each of the chain is issued by the next, the last by one of the authorities. */
function isIssued(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  return chain.every((each, at) => {
    const issuers = at + 1 < chain.length ? chain.slice(at + 1, at + 2) : authorities;
    return issuers.some((issuer) => each.checkIssued(issuer) && each.verify(issuer.publicKey));
  });
}

/** Two contents can be told apart without keeping either. */
function digestOf(pem: (KeyPairPem & { readonly ca?: string }) | undefined): string {
  if (pem === undefined) return 'unreadable';
  return createHash('sha256')
    .update(JSON.stringify([pem.key, pem.certificate, pem.ca]))
    .digest('hex');
}
