import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MEDIUM_TYPES } from '../../../../schema/vault/transfer.js';
import { today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import {
  CARRY_OPEN_MS_MAX,
  TRANSFER_NAME_CHARS_MAX,
  TRANSFER_TEXT_CHARS_MAX,
} from '../../../kernel/limits.js';
import { instantForm, packageIdForm, sha256Form } from '../../../protocol/transfer/forms.js';
import { VaultRefusal } from '../../refusal.js';
import { personState } from '../../staff/person.js';
import { requirePerson } from '../../staff/staff.store.js';
import type { TransferContext } from '../context.js';
import { lockTransfer, moveState, statesOf } from '../journal.js';
import { transferRecord } from '../log.js';
import { requireSealed } from '../package/package.store.js';
import {
  findCarry,
  insertCarry,
  insertCarryEvent,
  isCarryEventNoted,
  overdueCarries,
  sameCarry,
} from './carry.store.js';

const name = z.string().min(1).max(TRANSFER_NAME_CHARS_MAX);
const text = z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX);
const person = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);

/** What is entered when a medium leaves. */
export const carryForm = z.strictObject({
  packageId: packageIdForm,
  /** Looked at by itself, so that flash memory is refused by its name. */
  mediumType: name,
  serialNo: name,
  label: text,
  sealNo: name,
  caseLockNo: name,
  writtenAt: instantForm,
  writtenBy: person,
  readBackDigest: sha256Form,
  firstCarrier: person,
  secondCarrier: person,
  purpose: text,
  fromPlace: text,
  toPlace: text,
  transport: text,
  leftAt: instantForm,
  expectedAt: instantForm,
});

export type CarryEntry = Readonly<z.output<typeof carryForm>>;

/** What is entered of a medium that is under way. */
export const carryEventForm = z.strictObject({
  carryId: z.string().regex(/^MC-[0-9a-f-]{36}$/),
  kind: z.enum(['arrived', 'returned', 'destroyed', 'sealBroken', 'lost']),
  /** Who received it, its condition, the method of destruction. */
  details: z.record(name, text).default({}),
});

export type CarryEventEntry = Readonly<z.output<typeof carryEventForm>>;

/** Kinds that are incidents (handbook 11 §8), whatever the encryption. */
const INCIDENTS: ReadonlySet<string> = new Set(['sealBroken', 'lost']);

/**
 * 持ち運び記録: a medium with a released package leaves, by two carriers (handbook 13 §6). The same entry again changes
 * nothing: whoever typed it may not have heard the number.
 * @returns number of the record
 * @throws KuramoriError MEDIA_NOT_ALLOWED for flash memory and anything that is not on the list; BAD_INPUT for one
 *   carrier alone; CONFLICT when the package was not released for a medium; INTEGRITY_FAILURE when what was read back
 *   is not what was sealed
 */
export async function beginCarry(context: TransferContext, entry: CarryEntry, by: string): Promise<string> {
  const { database, audit, clock } = context;
  const { packageId } = entry;
  const mediumType = MEDIUM_TYPES.find((each) => each === entry.mediumType);
  if (mediumType === undefined) throw mediumNotAllowed();
  if (entry.firstCarrier === entry.secondCarrier) throw oneCarrier();
  await assertEmployed(context, [entry.firstCarrier, entry.secondCarrier, entry.writtenBy]);
  return database.transaction('vault.transfer.carry', async (tx) => {
    await lockTransfer(tx, packageId);
    const known = await sameCarry(tx, { ...entry, mediumType });
    if (known !== undefined) return known;
    const { outer } = await requireSealed(tx, packageId);
    if (outer.ciphertext.sha256 !== entry.readBackDigest) throw readBackDiffers();
    const approvalId = await mediumApproval(tx, packageId);
    const carryId = `MC-${randomUUID()}`;
    await insertCarry(tx, { ...entry, mediumType, carryId, approvalId });
    await moveState(tx, clock, packageId, 'IN_CARRY', { by, reason: carryId });
    const event = { coordinate: 'Carry.leave', packageId, by, reason: carryId } as const;
    await audit.appendIn(tx, transferRecord(clock, event));
    return carryId;
  });
}

/**
 * The approval by which a package may leave on a medium.
 * @throws KuramoriError CONFLICT when it was not released, or for the line
 */
export async function mediumApproval(session: Session, packageId: string): Promise<string> {
  const released = (await statesOf(session, packageId)).find(({ state }) => state === 'RELEASED');
  const [, approvalId] = /^MEDIUM:approval:(.+)$/.exec(String(released?.reason)) ?? [];
  if (approvalId === undefined) throw notReleasedForMedium();
  return approvalId;
}

/**
 * Notes what became of a medium. A broken seal and a loss are raised: incidents, although the package is encrypted. The
 * same in the same words again changes nothing.
 * @throws KuramoriError NOT_FOUND; CONFLICT when it was noted before in other words
 */
export async function noteCarry(context: TransferContext, entry: CarryEventEntry, by: string): Promise<void> {
  const { database, audit, clock } = context;
  await database.transaction('vault.transfer.carry.event', async (tx) => {
    const carry = await findCarry(tx, entry.carryId);
    if (carry === undefined)
      throw new KuramoriError('NOT_FOUND', 'There is no carry record of this number. Check it.');
    if (!(await insertCarryEvent(tx, clock, { ...entry, by }))) {
      if (await isCarryEventNoted(tx, entry)) return;
      throw new KuramoriError('CONFLICT', 'This was noted of the medium before, in other words.');
    }
    const coordinate = `Carry.${entry.kind}`;
    const event = { coordinate, packageId: carry.packageId, by, reason: entry.carryId } as const;
    const raised = INCIDENTS.has(entry.kind) ? ({ raised: true } as const) : {};
    await audit.appendIn(tx, transferRecord(clock, { ...event, ...raised }));
  });
}

/** Raises each medium that has been out for more than CARRY_OPEN_MS_MAX, once. @returns how many */
export async function raiseOverdueCarries(context: TransferContext): Promise<number> {
  const { database, audit, clock } = context;
  const due = await overdueCarries(database, clock.now().subtract({ milliseconds: CARRY_OPEN_MS_MAX }));
  for (const { carryId, packageId } of due) {
    await database.transaction('vault.transfer.carry.overdue', async (tx) => {
      const noted = await insertCarryEvent(tx, clock, { carryId, kind: 'overdue', by: 'vault', details: {} });
      if (!noted) return;
      const event = { coordinate: 'Carry.overdue', packageId, by: 'vault', reason: carryId } as const;
      await audit.appendIn(tx, transferRecord(clock, { ...event, raised: true }));
    });
  }
  return due.length;
}

async function assertEmployed(
  { database, clock }: TransferContext,
  personIds: readonly string[],
): Promise<void> {
  for (const personId of personIds) {
    const state = personState(await requirePerson(database, personId), today(clock));
    if (state === 'revoked') throw new VaultRefusal('person-revoked');
    if (state !== 'employed') throw new VaultRefusal('employment-ended');
  }
}

function mediumNotAllowed(): KuramoriError {
  return new KuramoriError(
    'MEDIA_NOT_ALLOWED',
    `Packages leave on ${MEDIUM_TYPES.join(', ')} alone. Flash memory (USB, SD, SSD) is excluded.`,
  );
}

function oneCarrier(): KuramoriError {
  return new KuramoriError('BAD_INPUT', 'A medium is carried by two people. Name two.', {
    field: 'secondCarrier',
  });
}

function readBackDiffers(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'What was read back from the medium is not the sealed package. Write a new medium.',
  );
}

function notReleasedForMedium(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The package was not released for a medium. Have two people release it.',
  );
}
