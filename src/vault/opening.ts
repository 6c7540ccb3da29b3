import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { AuditEntry, AuditRecord } from '../audit/record.js';
import type { VaultConfiguration } from '../config/vault.js';
import { isKuramoriError, KuramoriError } from '../kernel/errors.js';
import { PASSPHRASE_BYTES_MAX } from '../kernel/limits.js';
import { wipe } from './cipher/wipe.js';
import type { VaultContext } from './context.js';
import { beforeService } from './operation/beforeService.js';
import { fileKeyService } from './seal/file.js';
import type { KeyService } from './seal/keyService.js';
import { passphraseService } from './seal/passphrase.js';
import { pkcs11Service } from './seal/pkcs11.js';
import { vaultSealed } from './seal/refusal.js';
import type { TokenSettings } from './seal/token.js';

/** The parts of the configuration that say how the vault is opened. */
export type SealConfiguration = Pick<
  VaultConfiguration,
  | 'seal'
  | 'sealKeyFile'
  | 'passphraseDescriptor'
  | 'passphraseFile'
  | 'pkcs11Module'
  | 'pkcs11Token'
  | 'pkcs11Key'
  | 'pkcs11PinFile'
>;

/**
 * Gives work the key service that is configured. The secrets it takes are zeroed afterwards.
 * @param passphrase of an operator; for the seal `passphrase`
 * @throws KuramoriError BAD_INPUT when a passphrase is needed and none is given
 */
export async function withKeyService<T>(
  configuration: SealConfiguration,
  passphrase: Uint8Array | undefined,
  work: (service: KeyService) => Promise<T>,
): Promise<T> {
  if (configuration.seal === 'file') return work(fileKeyService(configuration.sealKeyFile as string));
  if (configuration.seal === 'pkcs11') return withToken(configuration, (token) => work(pkcs11Service(token)));
  if (passphrase === undefined)
    throw new KuramoriError('BAD_INPUT', 'The vault is sealed by a passphrase. Give it to open the vault.');
  try {
    return await work(passphraseService(passphrase));
  } finally {
    wipe(passphrase);
  }
}

/** The token that is configured, entered with the PIN of its file. */
export async function withToken<T>(
  configuration: SealConfiguration,
  work: (token: TokenSettings) => Promise<T>,
): Promise<T> {
  const pin = secretBytes(configuration.pkcs11PinFile as string, 'KURAMORI_VAULT_PKCS11_PIN_FILE');
  try {
    return await work({
      library: configuration.pkcs11Module as string,
      tokenLabel: configuration.pkcs11Token as string,
      keyLabel: configuration.pkcs11Key as string,
      pin,
    });
  } finally {
    wipe(pin);
  }
}

/** Opening and sealing, with what belongs to them: who sees `inService` true, may let operations in. */
export class VaultService {
  readonly #context: VaultContext;
  #inService = false;

  constructor(context: VaultContext) {
    this.#context = context;
  }

  /** Open, and everything done that comes before the first operation. */
  get inService(): boolean {
    return this.#inService && this.#context.seal.state === 'open';
  }

  /** @throws KuramoriError VAULT_SEALED */
  assertInService(): void {
    if (!this.inService) throw vaultSealed();
  }

  /**
   * Opens the vault, does what comes before service, and lets nobody in before the log has it.
   * @param operator for the log
   * @throws KuramoriError as `VaultSeal.open`; what comes before service refused; AUDIT_UNAVAILABLE. It is sealed then
   */
  async open(service: KeyService, operator: string): Promise<void> {
    const { seal, audit } = this.#context;
    try {
      await seal.open(service);
    } catch (error) {
      await this.#noteRefusal(operator, error);
      throw error;
    }
    try {
      await beforeService(this.#context);
      await audit.append(sealRecord(this.#context, 'Vault.open', operator, 'allow', service.name));
      // Who was sealed meanwhile must not be in service as soon as the seal is opened next, before all of this is done.
      if (seal.state !== 'open') throw vaultSealed();
      this.#inService = true;
    } catch (error) {
      seal.seal();
      await this.#noteRefusal(operator, error);
      throw error;
    }
  }

  /**
   * Seals first of all: in an emergency nobody waits for a log that is away.
   * @throws KuramoriError AUDIT_UNAVAILABLE: it is sealed all the same
   */
  async seal(operator: string): Promise<void> {
    this.#inService = false;
    this.#context.seal.seal();
    await this.#context.audit.append(sealRecord(this.#context, 'Vault.seal', operator, 'allow', 'asked'));
  }

  /** When it was the log that failed, there is nowhere to note it, and the caller hears the same. */
  async #noteRefusal(operator: string, error: unknown): Promise<void> {
    if (isKuramoriError(error, 'AUDIT_UNAVAILABLE')) return;
    const reason = isKuramoriError(error) ? error.code : 'INTERNAL';
    await this.#context.audit.append(sealRecord(this.#context, 'Vault.open', operator, 'refuse', reason));
  }
}

/**
 * The passphrase that is there at start, from a file descriptor or a credential file.
 * @returns undefined when an operator is to give it
 * @throws KuramoriError CONFIGURATION_INVALID when it cannot be read, or others may read it
 */
export function passphraseAtStart(configuration: SealConfiguration): Uint8Array | undefined {
  const { passphraseDescriptor, passphraseFile } = configuration;
  if (passphraseDescriptor !== undefined)
    return secretBytes(passphraseDescriptor, 'KURAMORI_VAULT_PASSPHRASE_FD');
  if (passphraseFile !== undefined) return secretBytes(passphraseFile, 'KURAMORI_VAULT_PASSPHRASE_FILE');
  return undefined;
}

/** One line end at the end is no part of the secret. */
function secretBytes(source: string | number, name: string): Buffer {
  let bytes: Buffer;
  try {
    if (typeof source === 'string' && (statSync(source).mode & 0o077) !== 0) throw new Error('loose mode');
    bytes = readFileSync(source);
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `${name} names what cannot be read, or what others may read. Give it mode 600 or less.`,
      {},
      { cause },
    );
  }
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  if (end === 0 || end > PASSPHRASE_BYTES_MAX) {
    wipe(bytes);
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `${name} must give 1 to ${PASSPHRASE_BYTES_MAX} bytes. Correct the file.`,
    );
  }
  return bytes.subarray(0, end);
}

/** The record of a change of the vault's state. */
export function sealRecord(
  context: Pick<VaultContext, 'clock'>,
  coordinate: string,
  operator: string,
  decision: AuditEntry['decision'],
  reason: string,
): AuditRecord {
  return {
    kind: 'configuration',
    at: context.clock.now().toString({ fractionalSecondDigits: 3 }),
    requestId: randomUUID(),
    actorId: `operator:${operator}`,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: 'hostAccount',
    clientApp: 'kuramori',
    purpose: 'MAINTENANCE',
    entries: [{ coordinate, decision, reason, rows: 0, subjects: [], raised: true }],
  };
}
