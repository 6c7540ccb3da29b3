import type { CARRY_EVENTS, MEDIUM_TYPES } from '../../../../schema/vault/transfer.js';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';

export type MediumType = (typeof MEDIUM_TYPES)[number];
export type CarryEventKind = (typeof CARRY_EVENTS)[number];

/** 持ち運び記録 as a medium leaves (handbook 13 §6). */
export interface Carry {
  readonly carryId: string;
  readonly packageId: string;
  readonly mediumType: MediumType;
  readonly serialNo: string;
  readonly label: string;
  readonly sealNo: string;
  readonly caseLockNo: string;
  readonly writtenAt: string;
  readonly writtenBy: string;
  readonly readBackDigest: string;
  readonly firstCarrier: string;
  readonly secondCarrier: string;
  readonly purpose: string;
  readonly fromPlace: string;
  readonly toPlace: string;
  readonly transport: string;
  readonly leftAt: string;
  readonly expectedAt: string;
  readonly approvalId: string;
}

/** What became of a medium. */
export interface CarryEvent {
  readonly carryId: string;
  readonly kind: CarryEventKind;
  readonly by: string;
  readonly details: Readonly<Record<string, string>>;
}

export async function insertCarry(tx: Session, carry: Carry): Promise<void> {
  await tx.run(
    'vault.transfer.carry.insert',
    ({ raw }) => raw`
    insert into vault.transfer_carry (carry_id, package_id, medium_type, serial_no, label, seal_no, case_lock_no,
      written_at, written_by, read_back_digest, first_carrier, second_carrier, purpose, from_place, to_place, transport,
      left_at, expected_at, approval_id)
    values (${carry.carryId}, ${carry.packageId}, ${carry.mediumType}, ${carry.serialNo}, ${carry.label},
      ${carry.sealNo}, ${carry.caseLockNo}, ${carry.writtenAt}, ${carry.writtenBy}, ${carry.readBackDigest},
      ${carry.firstCarrier}, ${carry.secondCarrier}, ${carry.purpose}, ${carry.fromPlace}, ${carry.toPlace},
      ${carry.transport}, ${carry.leftAt}, ${carry.expectedAt}, ${carry.approvalId})`,
  );
}

/** The carry record that was entered with the same content, or none. */
export async function sameCarry(
  tx: Session,
  carry: Omit<Carry, 'carryId' | 'approvalId'>,
): Promise<string | undefined> {
  const [row] = await tx.run(
    'vault.transfer.carry.same',
    ({ raw }) => raw<{ carryId: string }[]>`
    select carry_id as "carryId" from vault.transfer_carry
    where (package_id, medium_type, serial_no, label, seal_no, case_lock_no, written_by, read_back_digest,
        first_carrier, second_carrier, purpose, from_place, to_place, transport)
      = (${carry.packageId}, ${carry.mediumType}, ${carry.serialNo}, ${carry.label}, ${carry.sealNo},
        ${carry.caseLockNo}, ${carry.writtenBy}, ${carry.readBackDigest}, ${carry.firstCarrier},
        ${carry.secondCarrier}, ${carry.purpose}, ${carry.fromPlace}, ${carry.toPlace}, ${carry.transport})
      and (written_at, left_at, expected_at)
        = (${carry.writtenAt}::timestamptz, ${carry.leftAt}::timestamptz, ${carry.expectedAt}::timestamptz)`,
  );
  return row?.carryId;
}

/** Notes what became of a medium. @returns whether it is new */
export async function insertCarryEvent(
  tx: Session,
  clock: Clock,
  { carryId, kind, by, details }: CarryEvent,
): Promise<boolean> {
  const rows = await tx.run(
    'vault.transfer.carry.event',
    ({ raw }) => raw`
    insert into vault.transfer_carry_event (carry_id, kind, at, entered_by, details)
    values (${carryId}, ${kind}, ${instantText(clock)}, ${by}, ${JSON.stringify(details)}::jsonb)
    on conflict do nothing returning carry_id`,
  );
  return rows.length > 0;
}

/** Whether the same was noted of a medium in the same words. */
export async function isCarryEventNoted(
  tx: Session,
  { carryId, kind, details }: Omit<CarryEvent, 'by'>,
): Promise<boolean> {
  const rows = await tx.run(
    'vault.transfer.carry.noted',
    ({ raw }) => raw`
    select from vault.transfer_carry_event
    where carry_id = ${carryId} and kind = ${kind} and details = ${JSON.stringify(details)}::jsonb`,
  );
  return rows.length > 0;
}

/** 封印破損: an incident, although the package is encrypted (handbook 13 §6). */
export async function sealBroken(tx: Session, clock: Clock, carryId: string, by: string): Promise<void> {
  await insertCarryEvent(tx, clock, { carryId, kind: 'sealBroken', by, details: {} });
}

/** The medium of a package that was neither returned nor destroyed, or none. */
export async function openCarryOf(
  session: Session,
  packageId: string,
): Promise<Pick<Carry, 'carryId' | 'serialNo'> | undefined> {
  const [row] = await session.run(
    'vault.transfer.carry.open',
    ({ raw }) => raw<{ carryId: string; serialNo: string }[]>`
    select c.carry_id as "carryId", c.serial_no as "serialNo" from vault.transfer_carry c
    where c.package_id = ${packageId} and not exists (
      select from vault.transfer_carry_event e where e.carry_id = c.carry_id and e.kind in ('returned', 'destroyed'))
    order by c.left_at desc limit 1`,
  );
  return row;
}

/** Media neither returned nor destroyed that a person carries (持ち運び). */
export async function openCarriesWith(
  session: Session,
  personId: string,
): Promise<readonly Pick<Carry, 'carryId' | 'packageId' | 'serialNo'>[]> {
  const rows = await session.run(
    'vault.transfer.carry.with',
    ({ raw }) => raw<{ carryId: string; packageId: string; serialNo: string }[]>`
    select c.carry_id as "carryId", c.package_id as "packageId", c.serial_no as "serialNo" from vault.transfer_carry c
    where ${personId} in (c.first_carrier, c.second_carrier) and not exists (
      select from vault.transfer_carry_event e where e.carry_id = c.carry_id and e.kind in ('returned', 'destroyed'))
    order by c.sequence`,
  );
  return [...rows];
}

/** A carry record, or none. */
export async function findCarry(
  session: Session,
  carryId: string,
): Promise<Pick<Carry, 'carryId' | 'packageId'> | undefined> {
  const [row] = await session.run(
    'vault.transfer.carry.find',
    ({ raw }) => raw<{ carryId: string; packageId: string }[]>`
    select carry_id as "carryId", package_id as "packageId" from vault.transfer_carry where carry_id = ${carryId}`,
  );
  return row;
}

/** Media that left before an instant, are neither back nor destroyed, and were not raised yet. */
export async function overdueCarries(
  session: Session,
  leftBefore: Temporal.Instant,
): Promise<readonly Pick<Carry, 'carryId' | 'packageId'>[]> {
  const rows = await session.run(
    'vault.transfer.carry.overdue',
    ({ raw }) => raw<{ carryId: string; packageId: string }[]>`
    select c.carry_id as "carryId", c.package_id as "packageId" from vault.transfer_carry c
    where c.left_at <= ${leftBefore.toString()} and not exists (
      select from vault.transfer_carry_event e
      where e.carry_id = c.carry_id and e.kind in ('returned', 'destroyed', 'overdue'))
    order by c.left_at limit 500`,
  );
  return [...rows];
}
