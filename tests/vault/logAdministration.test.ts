import { describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import type { AuditRecord } from '../../src/audit/record.js';
import { VAULT_LOG_SUBJECTS_SHOWN_MAX } from '../../src/kernel/limits.js';
import { logAdministration, type ToldLog } from '../../src/vault/logAdministration.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { StandingClock } from '../access/support/clock.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';

const db = await testVaultDatabases();
const audit = openAuditLog(db.vault);
const clock = new StandingClock('2026-11-22T03:00:00.000Z');
const handlers = logAdministration({ database: db.vault, audit, clock });
const read = async (input: Record<string, unknown> = {}) =>
  (await handlers['log.read']!({ size: 10, ...input }, 'hanako')) as ToldLog;

const REF = newVaultRef();
const record = (at: string, own: Partial<AuditRecord>, subjects = [REF]): AuditRecord => ({
  kind: 'vaultOperation',
  at,
  requestId: 'R-1',
  actorId: 'P-1029',
  roles: ['handler'],
  department: 'nozei',
  terminal: 'T-0417',
  sessionId: 'jti',
  strength: 'signature',
  clientApp: 'gateway',
  purpose: 'REFUND',
  caseRef: 'C-1',
  entries: [{ coordinate: 'Vault.reveal', decision: 'allow', reason: 'done', rows: 1, subjects }],
  ...own,
});
await audit.append(record('2026-11-20T03:00:00.000Z', {}));
await audit.append(record('2026-11-21T03:00:00.000Z', { actorId: 'P-1030' }, [newVaultRef()]));
const many = Array.from({ length: VAULT_LOG_SUBJECTS_SHOWN_MAX + 1 }, () => newVaultRef());
await audit.append(record('2026-11-22T02:00:00.000Z', { actorId: 'P-1031' }, many));
const peopleOf = ({ entries }: ToldLog) => entries.map(({ actorId }) => actorId);

describe('the log of the vault, read at its host', () => {
  test('is read by person, operation, reference, time and decision', async () => {
    expect(peopleOf(await read({ actorId: 'P-1029' }))).toEqual(['P-1029']);
    expect(peopleOf(await read({ coordinate: 'Vault.reveal' }))).toEqual(['P-1031', 'P-1030', 'P-1029']);
    expect(peopleOf(await read({ subject: REF, coordinate: 'Vault.reveal' }))).toEqual(['P-1029']);
    const day = { from: '2026-11-20T15:00:00Z', to: '2026-11-21T15:00:00Z' };
    expect(peopleOf(await read(day))).toEqual(['P-1030']);
    expect(await read({ decision: 'refuse' })).toEqual({ entries: [] });
    expect(peopleOf(await read({ purpose: 'REFUND', caseRef: 'C-1', kind: 'vaultOperation' }))).toHaveLength(
      3,
    );
  });

  test('comes in pages, newest first', async () => {
    const filter = { coordinate: 'Vault.reveal', size: 2 };
    const first = await read(filter);
    expect(peopleOf(first)).toEqual(['P-1031', 'P-1030']);
    expect(peopleOf(await read({ ...filter, before: first.next }))).toEqual(['P-1029']);
  });

  test('names the first of many subjects, and how many there are', async () => {
    const { entries } = await read({ actorId: 'P-1031' });
    expect(entries[0]?.subjects).toEqual(many.slice(0, VAULT_LOG_SUBJECTS_SHOWN_MAX));
    expect(entries[0]?.subjectCount).toBe(many.length);
  });

  test('has each look at it, with the reference that was looked for', async () => {
    await read({ subject: REF, decision: 'allow' });
    const [look] = (await read({ raised: true, kind: 'auditRead', size: 1 })).entries;
    expect(look).toMatchObject({
      actorId: 'operator:hanako',
      coordinate: 'Vault.log',
      reason: 'read:decision,subject',
      subjects: [REF],
      raised: true,
    });
  });

  test.each([
    { size: 0 },
    { size: 201 },
    { subject: 'P-1029' },
    { kind: 'gossip' },
    { before: '-1' },
    { who: 'x' },
  ])('refuses %j, and has the refusal', async (input) => {
    await expect(read(input)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const [entry] = (await read({ decision: 'refuse', size: 1 })).entries;
    expect(entry).toMatchObject({ coordinate: 'Vault.log', reason: 'BAD_INPUT' });
  });

  test('refuses a time that is none', async () => {
    await expect(read({ from: 'yesterday' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
