import { existsSync } from 'node:fs';
import { z } from 'zod';
import { assertSealParts, SEAL_METHODS, type VaultConfiguration } from '../config/vault.js';
import { today } from '../kernel/clock.js';
import { isKuramoriError, KuramoriError } from '../kernel/errors.js';
import { AUDIT_TEXT_CHARS_MAX } from '../kernel/limits.js';
import { enteredWords } from './entered.js';
import type { JsonObject } from '../kernel/token/json.js';
import { breakGlassAdministration } from './breakGlass/administration.js';
import { CLOCK_ACCEPTED_COORDINATE, type ClockFault } from './clock.js';
import { analysisAdministration } from './analysis/administration.js';
import type { VaultContext } from './context.js';
import { readEntry } from './entered.js';
import { erasureAdministration } from './erasure/administration.js';
import { evidenceAdministration } from './evidence/administration.js';
import type { AdminHandler } from './http/admin.js';
import { keyAdministration } from './keyAdministration.js';
import { logAdministration } from './logAdministration.js';
import { loggedCommand, type OperatorLog } from './operatorLog.js';
import { sealRecord, withKeyService, withToken, type VaultService } from './opening.js';
import { createKeyFile } from './seal/file.js';
import { createTokenKey } from './seal/pkcs11.js';
import { intermediaryAdministration } from './push/administration.js';
import { paymentAdministration } from './refund/paymentFile/administration.js';
import { retentionAdministration } from './retention/administration.js';
import type { SealState } from './seal/seal.js';
import { feedStandingOn, type FeedStanding } from './staff/feedStanding.js';
import { staffAdministration } from './staffAdministration.js';

/** What `kuramori vault status` shows. */
export interface VaultStatus {
  readonly state: SealState;
  /** How it is opened. */
  readonly method: VaultConfiguration['seal'];
  readonly municipality: string;
  /** Failed attempts to open it since the last that succeeded. */
  readonly failures: number;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly code?: string;
  readonly clockFault?: ClockFault;
  /** 人事情報の受領の状況; absent when the database cannot tell. */
  readonly personnelFeed?: FeedStanding;
}

/**
 * What an operator asks of the running vault over its socket; each leaves its entry, but a look at the status or at the
 * public keys.
 */
export function administration(
  context: VaultContext,
  vault: VaultService,
  configuration: VaultConfiguration,
  assertReady: () => Promise<void>,
): Readonly<Record<string, AdminHandler>> {
  return {
    ...staffAdministration(context),
    ...keyAdministration(context, () => vault.assertInService()),
    ...erasureAdministration(context),
    ...breakGlassAdministration(context),
    ...logAdministration(context),
    ...retentionAdministration(context, () => vault.assertInService()),
    ...evidenceAdministration(context),
    ...analysisAdministration(context),
    ...paymentAdministration(context, () => vault.assertInService()),
    ...intermediaryAdministration(context),
    status: () => statusOf(context, configuration, assertReady),
    anchor: async () => context.seal.keyRing.verifying(),
    init: async (input, operator) => {
      await makeKey(configuration, input);
      // A vault that has its keys has its journal; one that was lost is put back, not made anew.
      if (context.seal.state === 'uninitialised') await context.erasureJournal.create();
      await withKeyService(configuration, passphraseOf(input), (service) => context.seal.initialise(service));
      await note(context, 'Vault.initialise', operator, configuration.seal);
    },
    open: (input, operator) =>
      withKeyService(configuration, passphraseOf(input), (service) => vault.open(service, operator)),
    seal: (_input, operator) => vault.seal(operator),
    reprotect: (input, operator) =>
      loggedCommand(context, 'Vault.reprotect', operator, (log) =>
        reprotect(context, configuration, input, log),
      ),
    clock: async (input, operator) => {
      const { cause: stated } = input;
      const cause = enteredWords(typeof stated === 'string' ? stated : '', 'cause', AUDIT_TEXT_CHARS_MAX);
      await note(context, CLOCK_ACCEPTED_COORDINATE, operator, cause);
      context.clockGuard.accept();
    },
  };
}

async function statusOf(
  { seal, municipality, clockGuard, database, clock }: VaultContext,
  { seal: method }: VaultConfiguration,
  assertReady: () => Promise<void>,
): Promise<VaultStatus> {
  const code = await assertReady().then(
    () => undefined,
    (error: unknown) => (isKuramoriError(error) ? error.code : 'INTERNAL'),
  );
  const personnelFeed = await feedStandingOn(database, today(clock)).catch(() => undefined);
  return {
    state: seal.state,
    method,
    municipality,
    failures: seal.failures,
    ready: code === undefined,
    ...(code === undefined ? {} : { code }),
    ...(clockGuard.fault === undefined ? {} : { clockFault: clockGuard.fault }),
    ...(personnelFeed && { personnelFeed }),
  };
}

/** With `makeKey` the file or the token gets its key now; one that is there stays. */
async function makeKey(configuration: VaultConfiguration, input: JsonObject): Promise<void> {
  if (input['makeKey'] !== true) return;
  const { seal, sealKeyFile } = configuration;
  if (seal === 'file' && !existsSync(sealKeyFile as string)) await createKeyFile(sealKeyFile as string);
  if (seal === 'pkcs11') await withToken(configuration, createTokenKey);
}

const reprotection = z.strictObject({
  method: z.enum(SEAL_METHODS),
  passphrase: z.unknown().optional(),
  nextPassphrase: z.unknown().optional(),
  makeKey: z.boolean().optional(),
});

/**
 * Puts the root key under another passphrase or another method; the configuration names that method from then on.
 * @throws KuramoriError BAD_INPUT when nothing would change; as `VaultSeal.reprotect`
 */
async function reprotect(
  { seal }: VaultContext,
  configuration: VaultConfiguration,
  input: JsonObject,
  log: OperatorLog,
): Promise<void> {
  const { method } = readEntry(reprotection, input);
  const next: VaultConfiguration = { ...configuration, seal: method };
  if (method === configuration.seal && method !== 'passphrase')
    throw new KuramoriError('BAD_INPUT', 'The vault is sealed by this method already. Name another.');
  assertSealParts(next);
  await withKeyService(configuration, passphraseOf(input), async (current) => {
    await makeKey(next, input);
    await withKeyService(next, passphraseOf(input, 'nextPassphrase'), (service) =>
      seal.reprotect(current, service, (tx) => log.with(tx, `${configuration.seal}:${method}`)),
    );
  });
}

/** @returns bytes that the caller wipes */
function passphraseOf(
  input: JsonObject,
  name: 'passphrase' | 'nextPassphrase' = 'passphrase',
): Uint8Array | undefined {
  const encoded = input[name];
  if (encoded === undefined) return undefined;
  if (typeof encoded === 'string' && /^[A-Za-z0-9_-]+$/.test(encoded))
    return Buffer.from(encoded, 'base64url');
  throw new KuramoriError('BAD_INPUT', 'The passphrase must come as base64url of its UTF-8 bytes.');
}

async function note(
  context: VaultContext,
  coordinate: string,
  operator: string,
  reason: string,
): Promise<void> {
  await context.audit.append(sealRecord(context, coordinate, operator, 'allow', reason));
}
