import { describe, expect, it, vi } from 'vitest';
import { tellOfIncidents } from '../../../../src/vault/housekeeping.js';
import { testEvidence } from '../support/officers.js';

const { databases, clock, context, ask, refusal } = await testEvidence();
const NOVEMBER = { from: '2026-11-01', to: '2026-11-30', form: 'csv' } as const;
await ask('holidays', {
  holidays: [
    { day: '2026-11-03', name: '文化の日' },
    { day: '2026-11-23', name: '勤労感謝の日' },
    { day: '2027-01-01', name: '元日' },
  ],
});

const opened = (own: object = {}) =>
  ask<{ incidentId: string; quickBy: string; finalBy: string }>('incident', {
    by: 'OFFICER-1',
    learnedOn: '2026-11-02',
    said: { overview: '媒体1個の所在不明' },
    ...own,
  });
const listed = () => ask<{ incidentId: string; alarm?: string; state: string }[]>('incidents', {});
const step = (incidentId: string, own: object) => ({ by: 'OFFICER-1', incidentId, ...own });
const deciders = { by: 'CHIEF', approvedBy: 'AUDITOR' };

describe('an incident', () => {
  it('is opened by an officer and answers its deadlines (handbook 11 §8)', async () => {
    expect(await opened()).toMatchObject({ quickBy: '2026-11-06', finalBy: '2026-12-01' });
    expect(await opened({ malicious: true })).toMatchObject({ finalBy: '2027-01-04' });
  });

  it('stands in its evidence before anything is known of it', async () => {
    const { incidentId } = await opened({ said: {} });
    const { csv } = await ask<{ csv: string }>('part', { kind: 'incident', ...NOVEMBER });
    expect(csv).toContain(`${incidentId},2026-11-02,無,報告前,2026-11-06,,2026-12-01,,,,,,,,OFFICER-1`);
  });

  it.each([
    [{ by: 'P-1029' }, 'FORBIDDEN_PURPOSE role'],
    [{ by: 'CHIEF-OLD' }, 'ACCOUNT_REVOKED employment-ended'],
    [{ by: 'NOBODY' }, 'NOT_FOUND'],
    [{ learnedOn: '2026-11-05' }, 'BAD_INPUT learnedOn'],
    [{ said: { overview: '番号 1234-5678-9018 の媒体' } }, 'BAD_INPUT overview'],
    [{ said: { overview: ' ' } }, 'BAD_INPUT overview'],
    [{ said: { guesses: 'x' } }, 'BAD_INPUT'],
  ])('%j is refused with %s', async (own, code) => {
    const entry = { by: 'OFFICER-1', learnedOn: '2026-11-02', said: {}, ...own };
    expect(await refusal('incident', entry)).toBe(code);
  });

  it('is told of from day 3, at each round, until its report is sent', async () => {
    const { incidentId } = await opened();
    const logger = { warn: vi.fn<() => void>(), error: vi.fn<(facts: unknown, sentence?: string) => void>() };
    const told = async () => {
      logger.error.mockClear();
      await tellOfIncidents(context, logger);
      return logger.error.mock.calls.map(([facts]) => facts);
    };
    clock.at = '2026-11-03T14:59:59Z';
    expect(await told()).toEqual([]);
    clock.at = '2026-11-03T15:00:00Z';
    const due = { incidentId, alarm: 'quickDue', quickBy: '2026-11-06', finalBy: '2026-12-01' };
    expect(await told()).toContainEqual(due);
    await ask('step', step(incidentId, { step: 'quickReport', doneOn: '2026-11-04' }));
    expect(await told()).not.toContainEqual(due);
    expect((await listed()).find((each) => each.incidentId === incidentId)).toMatchObject({
      state: '速報済',
    });
  });

  it('a failure to look is told of and holds nothing up', async () => {
    const logger = { warn: vi.fn<(facts: unknown) => void>(), error: vi.fn<() => void>() };
    const gone = { run: () => Promise.reject(new Error('gone')) };
    await tellOfIncidents({ ...context, database: gone as never }, logger);
    expect(logger.warn.mock.calls[0]?.[0]).toEqual({ what: 'incidents', code: 'INTERNAL' });
  });

  it('gathers what becomes known; of each item the last text counts, in its report too', async () => {
    const { incidentId } = await opened();
    await ask(
      'step',
      step(incidentId, { step: 'found', malicious: true, said: { overview: '盗難', people: '12人' } }),
    );
    const { text } = await ask<{ text: string }>('report', { incidentId, step: 'quickReport' });
    expect(text).toContain('概要\n盗難');
    expect(text).toContain('12人');
    expect(text).toContain('確報の期限　　　　2027-01-04');
    const { csv } = await ask<{ csv: string }>('part', { kind: 'incident', ...NOVEMBER });
    expect(csv).toContain(`${incidentId},2026-11-02,有,報告前,2026-11-06,,2027-01-04,,,盗難,,12人`);
  });

  it('ends by two people, after its final report', async () => {
    const { incidentId } = await opened();
    const close = step(incidentId, { step: 'closed', doneOn: '2026-11-04', ...deciders });
    expect(await refusal('step', close)).toBe('CONFLICT');
    await ask('step', step(incidentId, { step: 'finalReport', doneOn: '2026-11-04' }));
    await ask('step', close);
    expect(await refusal('step', step(incidentId, { step: 'found' }))).toBe('CONFLICT');
    expect((await listed()).some((each) => each.incidentId === incidentId)).toBe(false);
  });

  it.each([
    [{ by: 'CHIEF' }, 'DUAL_CONTROL_REQUIRED missing'],
    [{ by: 'CHIEF', approvedBy: 'CHIEF' }, 'DUAL_CONTROL_REQUIRED samePerson'],
    [{ by: 'OFFICER-1', approvedBy: 'AUDITOR' }, 'FORBIDDEN_PURPOSE role'],
    [{ by: 'CHIEF', approvedBy: 'OFFICER-1' }, 'FORBIDDEN_PURPOSE role'],
    [{ by: 'CHIEF', approvedBy: 'AUDITOR' }, 'accepted'],
  ])('is not to be reported when %j decide: %s', async (people, code) => {
    const { incidentId } = await opened();
    const decision = { incidentId, step: 'notReportable', doneOn: '2026-11-04', ...people };
    expect(await refusal('step', decision)).toBe(code);
  });

  it.each([
    [{ step: 'quickReport' }, 'BAD_INPUT doneOn'],
    [{ step: 'found', doneOn: '2026-11-04' }, 'BAD_INPUT doneOn'],
    [{ step: 'quickReport', doneOn: '2026-11-01' }, 'BAD_INPUT doneOn'],
    [{ step: 'quickReport', doneOn: '2026-12-24' }, 'BAD_INPUT doneOn'],
    [{ step: 'quickReport', doneOn: '2026-11-04', approvedBy: 'AUDITOR' }, 'BAD_INPUT approvedBy'],
  ])('the step %j is refused with %s', async (own, code) => {
    const { incidentId } = await opened();
    expect(await refusal('step', step(incidentId, own))).toBe(code);
  });

  it('a step is done once, of an incident that there is', async () => {
    const { incidentId } = await opened();
    const quick = { step: 'quickReport', doneOn: '2026-11-04' };
    const twice = await Promise.all([1, 2].map(() => refusal('step', step(incidentId, quick))));
    expect(twice.toSorted()).toEqual(['CONFLICT', 'accepted']);
    const other = 'IN-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f';
    expect(await refusal('step', step(other, quick))).toBe('NOT_FOUND');
  });
});

describe('what was entered', () => {
  it.each(['incident_entry', 'holiday', 'processor', 'processor_audit', 'document_certificate'])(
    'in %s is changed by nobody',
    async (table) => {
      for (const change of [`delete from vault.${table}`, `truncate vault.${table}`]) {
        for (const session of [databases.vault, databases.owner.vault])
          await expect(session.run('test.change', ({ raw }) => raw.unsafe(change))).rejects.toThrow();
      }
    },
  );

  it('commits with its entry in the log, which names who answers for it', async () => {
    const { incidentId } = await opened();
    const [row] = await databases.owner.vault.run(
      'test.reason',
      ({ raw }) => raw<{ reason: string; raised: boolean }[]>`
      select reason, raised from audit.entry where coordinate = 'Vault.openIncident' and decision = 'allow'
      order by sequence desc limit 1`,
    );
    expect(row).toEqual({ reason: `${incidentId}:by:OFFICER-1`, raised: true });
  });

  it('a holiday that is there stays as it is', async () => {
    const again = { holidays: [{ day: '2026-11-03', name: '別の名' }] };
    expect(await ask('holidays', again)).toEqual({ entered: 0 });
  });
});
