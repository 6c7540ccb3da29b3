import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_MESSAGE_CHARS_MAX, TRANSFER_REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { packageIdForm, sha256Form } from '../../protocol/transfer/forms.js';
import { keyFingerprint, recipientFingerprint } from '../../protocol/transfer/keys.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import type { AdminHandler } from '../http/admin.js';
import { loggedCommand, type OperatorLog } from '../operatorLog.js';
import { beginCarry, mediumApproval, carryEventForm, carryForm, noteCarry } from './carry/carry.js';
import { convertDraft } from './convert/convert.js';
import { requestErasure } from './erasure/request.js';
import { abortTransfer } from './package/abort.js';
import { packageFolder, sealPackage } from './package/seal.js';
import { requireSealed } from './package/package.store.js';
import { nextTransferKey, transferSigner } from './package/signer.js';
import { ageRecipientOf } from './result/ageKey.js';
import { takeResult } from './result/take.js';
import { takeReceipt } from './receipt/take.js';
import { enterSetting } from './setting/enter.js';
import { settingForm } from './setting/form.js';
import { insertRevocation, listSettings } from './setting/setting.store.js';
import { instantText } from '../../kernel/clock.js';
import type { Transfers } from './transfers.js';
import { transferState } from './transferState.js';

/** What a command works with. */
interface Commanded {
  readonly transfers: Transfers;
  readonly log: OperatorLog;
  /** `operator:` and the name of who typed it. */
  readonly by: string;
}

interface TransferCommand<T> {
  /** Of its entry. */
  readonly coordinate: string;
  readonly form: z.ZodType<T>;
  readonly work: (entry: T, commanded: Commanded) => Promise<unknown>;
}

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const ofPackage = z.strictObject({ packageId: packageIdForm });

const COMMANDS = {
  setting: command({
    coordinate: 'Transfer.setting',
    form: z.strictObject({ setting: settingForm, personId: id, approvalId: id }),
    work: (entry, { transfers, log }) => enterSetting(transfers.context, entry, log.with),
  }),
  settings: command({
    coordinate: 'Transfer.settings',
    form: z.strictObject({}),
    work: async (_entry, { transfers: { context }, log }) => {
      await log.alone('listed');
      return listSettings(context.database, context);
    },
  }),
  revokeKey: command({
    coordinate: 'Transfer.revokeKey',
    form: z.strictObject({ fingerprint: sha256Form, reason: z.string() }),
    work: async ({ fingerprint, reason }, { transfers: { context }, log, by }) => {
      const text = enteredWords(reason, 'reason', TRANSFER_REASON_CHARS_MAX);
      await context.database.transaction('vault.transfer.revoke', async (tx) => {
        await insertRevocation(tx, { fingerprint, reason: text, by, at: instantText(context.clock) });
        await log.with(tx, fingerprint);
      });
    },
  }),
  keys: command({
    coordinate: 'Transfer.keys',
    form: z.strictObject({}),
    work: async (_entry, { transfers, log }) => {
      await log.alone('listed');
      return publishedKeys(transfers.context);
    },
  }),
  convert: command({
    coordinate: 'Transfer.convert',
    form: ofPackage,
    work: ({ packageId }, { transfers, by }) =>
      transfers.inTurn(() => convertDraft(transfers.context, packageId, by)),
  }),
  seal: command({
    coordinate: 'Transfer.seal',
    form: ofPackage,
    work: async ({ packageId }, { transfers, by }) => {
      const { outer } = await transfers.inTurn(() => sealPackage(transfers.context, packageId, by));
      return { folder: packageFolder(transfers.context, packageId), ...outer.ciphertext };
    },
  }),
  medium: command({
    coordinate: 'Transfer.medium',
    form: ofPackage,
    work: async ({ packageId }, { transfers: { context }, log }) => {
      const { outer } = await requireSealed(context.database, packageId);
      await mediumApproval(context.database, packageId);
      const { state } = await transferState(context, packageId);
      if (state !== 'RELEASED' && state !== 'IN_CARRY')
        throw new KuramoriError(
          'CONFLICT',
          'The package has arrived or was given up: nothing is written onto a medium.',
        );
      await log.alone(`${packageId}:${outer.ciphertext.sha256}`);
      return { folder: packageFolder(context, packageId), ...outer.ciphertext };
    },
  }),
  carry: command({
    coordinate: 'Transfer.carry',
    form: carryForm,
    work: async (entry, { transfers, by }) => ({ carryId: await beginCarry(transfers.context, entry, by) }),
  }),
  carried: command({
    coordinate: 'Transfer.carried',
    form: carryEventForm,
    work: (entry, { transfers, by }) => noteCarry(transfers.context, entry, by),
  }),
  receipt: command({
    coordinate: 'Transfer.receipt',
    form: z.strictObject({
      packageId: packageIdForm,
      kind: z.enum(['DELIVERY', 'ACCEPTANCE', 'ERASURE']),
      signed: z.string().max(TRANSFER_MESSAGE_CHARS_MAX),
    }),
    work: (entry, { transfers, by }) => takeReceipt(transfers.context, { ...entry, by }),
  }),
  erasureRequest: command({
    coordinate: 'Transfer.erasureRequest',
    form: ofPackage,
    work: async ({ packageId }, { transfers, by }) => ({
      signed: await requestErasure(transfers.context, packageId, by),
    }),
  }),
  result: command({
    coordinate: 'Transfer.result',
    form: z.strictObject({ folder: z.string().min(1), sender: z.string().regex(/^[0-9]{6}$/) }),
    work: async ({ folder, sender }, { transfers, by }) => ({
      resultId: await transfers.inTurn(() => takeResult(transfers.context, folder, sender, by)),
    }),
  }),
  abort: command({
    coordinate: 'Transfer.abort',
    form: z.strictObject({ packageId: packageIdForm, reason: z.string() }),
    work: ({ packageId, reason }, { transfers, by }) => {
      const text = enteredWords(reason, 'reason', TRANSFER_REASON_CHARS_MAX);
      return transfers.inTurn(() => abortTransfer(transfers.context, packageId, { by, reason: text }));
    },
  }),
  round: command({
    coordinate: 'Transfer.round',
    form: z.strictObject({}),
    work: async (_entry, { transfers, log }) => {
      await log.alone('asked');
      return { faults: await transfers.round() };
    },
  }),
  state: command({
    coordinate: 'Transfer.state',
    form: ofPackage,
    work: ({ packageId }, { transfers: { context } }) => transferState(context, packageId),
  }),
} as const;

/**
 * 移管 at the vault's host: `transfer.setting` {setting, personId, approvalId}, `transfer.settings`, `transfer.revokeKey`
 * {fingerprint, reason}, `transfer.keys`; `transfer.convert`, `transfer.seal`, `transfer.medium`, `transfer.state`
 * {packageId}; `transfer.carry`, `transfer.carried`; `transfer.receipt` {packageId, kind, signed};
 * `transfer.erasureRequest` {packageId}; `transfer.result` {folder, sender}; `transfer.abort` {packageId, reason};
 * `transfer.round`. Each leaves its entries; a refusal has one, too.
 * @param transfers none where the vault has no folder for them
 */
export function transferAdministration(
  context: VaultContext,
  transfers: Transfers | undefined,
  assertInService: () => void,
): Readonly<Record<string, AdminHandler>> {
  return Object.fromEntries(
    Object.entries(COMMANDS).map(([name, each]) => {
      const { coordinate, form, work } = each as TransferCommand<unknown>;
      const handler: AdminHandler = (input, operator) =>
        loggedCommand(context, coordinate, operator, (log) => {
          assertInService();
          if (transfers === undefined) throw notOffered();
          return work(readEntry(form, input), { transfers, log, by: `operator:${operator}` });
        });
      return [`transfer.${name}`, handler];
    }),
  );
}

function command<T>(each: TransferCommand<T>): TransferCommand<T> {
  return each;
}

/** What an organization registers of the municipality, once two people on either side have compared fingerprints. */
function publishedKeys(context: Pick<VaultContext, 'seal'>) {
  const { publicKey } = transferSigner(context);
  const recipient = ageRecipientOf(context.seal.keyRing.active('result', 0));
  const next = nextTransferKey(context);
  return {
    transferKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    transferKeyFingerprint: keyFingerprint(publicKey),
    recipient,
    recipientFingerprint: recipientFingerprint(recipient),
    ...(next && { nextTransferKey: next.publicKey, nextTransferKeyFingerprint: next.fingerprint }),
  };
}

function notOffered(): KuramoriError {
  return new KuramoriError(
    'NOT_FOUND',
    'This vault has no folder for transfers. Set KURAMORI_VAULT_TRANSFER_FOLDER and start it anew.',
  );
}
