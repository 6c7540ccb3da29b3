import { describe, expect, test, vi } from 'vitest';
import { breakGlassListRequest, evidenceRequest } from '../../../src/client/index.js';
import { tellOfOpenings } from '../../../src/vault/housekeeping.js';
import { EVIDENCE_KINDS } from '../../../src/vault/evidence/kinds.js';
import { codeOf, done } from '../operation/support/two.js';
import { glassScene, HOUR_MS, REASON } from './support/glass.js';

const DAY_MS = 24 * HOUR_MS;
const glass = await glassScene();
const { vault, refs, opener, second, chief, auditor } = glass;
const other = await vault.officer('OFFICER-8', { role: 'unitOfficer' });
const finding = (opening: string) =>
  ({ opening, outcome: 'justified', finding: '災害対応として相当' }) as const;
const stateOf = async (opening: string) =>
  (await glass.listed()).find((told) => told.opening === opening)?.state;

describe('a review (handbook 15 §6.3, §6.4)', () => {
  test('is due in two working days, and told of until it is there', async () => {
    // Sunday; Monday is a holiday.
    const opening = await glass.opened(opener, second, 'BG-1');
    const logger = { warn: vi.fn<(facts: unknown) => void>(), error: vi.fn<(facts: unknown) => void>() };
    const told = async () => {
      logger.error.mockClear();
      await tellOfOpenings(vault.context, logger);
      return logger.error.mock.calls.map(([facts]) => facts);
    };
    const named = { opening, breakGlassId: 'BG-1', reviewBy: '2026-11-25' };
    expect(await told()).toEqual([{ ...named, state: 'open' }]);
    vault.clock.move(HOUR_MS);
    expect(await told()).toEqual([{ ...named, state: 'awaitsReview' }]);
    await expect(glass.sealed('BG-1')).rejects.toMatchObject({ code: 'CONFLICT' });
    vault.clock.move(4 * DAY_MS);
    expect(await told()).toEqual([{ ...named, state: 'overdue' }]);
    vault.clock.move(-4 * DAY_MS);
    expect(await glass.reviewed(chief, auditor, opening)).toBe('done');
    expect(await told()).toEqual([]);
    expect((await glass.entries('Vault.reviewBreakGlass')).at(-1)).toMatchObject({
      decision: 'allow',
      raised: true,
      reason: expect.stringMatching(`^breakGlass:${opening}:justified:approval:AP-`) as string,
    });
    const gone = { run: () => Promise.reject(new Error('gone')) };
    await tellOfOpenings({ ...vault.context, database: gone as never }, logger);
    expect(logger.warn.mock.calls).toEqual([
      [{ what: 'breakGlass', code: 'INTERNAL' }, 'housekeeping failed; it is tried again'],
    ]);
  });

  test('lets the credential be sealed anew, which its old code does not open', async () => {
    const before = await glass.sealed('BG-2');
    const { approvalId = '' } = done(await glass.asks(opener, 'BG-2'));
    done(await glass.decides(second, approvalId));
    const asked = { breakGlassId: 'BG-2', code: before };
    const { opening = '' } = done(await glass.opens(opener, asked, approvalId, await vault.stepUp(opener)));
    vault.clock.move(HOUR_MS);
    expect(await glass.reviewed(chief, auditor, opening)).toBe('done');
    const tries = async (code: string) => {
      const { approvalId: next = '' } = done(await glass.asks(opener, 'BG-2'));
      done(await glass.decides(chief, next));
      return codeOf(await glass.opens(opener, { ...asked, code }, next, await vault.stepUp(opener)));
    };
    // Reviewed, and not sealed anew yet: the broken seal opens nothing any more.
    expect(await tries(before)).toBe('FORBIDDEN_PURPOSE');
    const after = await glass.sealed('BG-2');
    expect(await tries(before)).toBe('FORBIDDEN_PURPOSE');
    expect(await tries(after)).toBe('done');
  });

  test('is by people who had no part in the opening', async () => {
    const insider = await vault.officer('OFFICER-I', { role: 'unitOfficer' });
    const opening = await glass.opened(insider, chief, 'BG-3');
    expect(codeOf(await glass.asksReview(other, finding(opening)))).toBe('CONFLICT');
    vault.clock.move(HOUR_MS);
    expect(await glass.reviewed(insider, auditor, opening)).toBe('DUAL_CONTROL_REQUIRED involved');
    expect(await glass.reviewed(chief, auditor, opening)).toBe('DUAL_CONTROL_REQUIRED involved');
    for (const no of [opener, auditor])
      expect(await glass.reviewed(no, auditor, opening)).toBe('FORBIDDEN_PURPOSE');
    // Its second pair of eyes is the audit officer's, nobody else's.
    const boss = await vault.officer('CHIEF-8', { role: 'chiefOfficer', unit: 'soumu' });
    const { approvalId = '' } = done(await glass.asksReview(other, finding(opening)));
    expect(codeOf(await glass.decides(boss, approvalId, 'approve', 'sha256:x'))).toBe('FORBIDDEN_PURPOSE');
    expect(await stateOf(opening)).toBe('awaitsReview');
    expect(await glass.reviewed(other, auditor, opening)).toBe('done');
    expect(await glass.reviewed(other, auditor, opening)).toBe('CONFLICT');
  });

  test('is of an opening that is there, with the words that were approved, once', async () => {
    const none = 'AP-0198c1e0-7c1f-4f6e-8a55-1f0e6a9d4c01';
    expect(codeOf(await glass.asksReview(chief, finding(none)))).toBe('NOT_FOUND');
    const opening = await glass.opened(opener, second, 'BG-4');
    const stepUp = await vault.stepUp(opener);
    for (const ref of refs) await glass.reveals(opener, ref, opening, stepUp);
    vault.clock.move(HOUR_MS);
    const typed = { ...finding(opening), finding: '番号 1234-5678-9018 の件' };
    expect(codeOf(await glass.asksReview(chief, typed))).toBe('BAD_INPUT');
    const { approvalId = '' } = done(await glass.asksReview(chief, finding(opening)));
    done(await glass.decides(auditor, approvalId));
    const altered = { ...finding(opening), outcome: 'unjustified' } as const;
    expect(codeOf(await glass.reviews(chief, altered, approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    expect(codeOf(await glass.reviews(opener, finding(opening), approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED otherPerson',
    );
    expect(codeOf(await glass.reviews(chief, finding(opening), approvalId))).toBe('done');
    expect(codeOf(await glass.reviews(chief, finding(opening), approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED used',
    );
  });

  test('shows its approver who opened it, why, and what was asked for', async () => {
    const opening = await glass.opened(opener, second, 'BG-5');
    const stepUp = await vault.stepUp(opener);
    await glass.reveals(opener, refs[0]!, opening, stepUp);
    await glass.reveals(opener, 'vr_0123456789ABCDEFGHJKMNPQRS', opening, stepUp);
    vault.clock.move(HOUR_MS);
    const { approvalId = '' } = done(await glass.asksReview(other, finding(opening)));
    const [row] = await vault.databases.owner.vault.run(
      'test.summary',
      ({ raw }) => raw<{ summary: { count: number; sample: string[] } }[]>`
      select summary from vault.approval where approval_id = ${approvalId}`,
    );
    expect(row!.summary).toMatchObject({ count: 2 });
    expect(row!.summary.sample).toEqual([
      expect.stringContaining(`justified ${opening} by:P-4001 with:OFFICER-9 at:`),
      `case:C-2026-0001 ${REASON}`,
      expect.stringMatching(`^${refs[0]} at:`),
      expect.stringMatching(/ returned$/),
    ]);
    done(await glass.decides(auditor, approvalId));
    expect(codeOf(await glass.reviews(other, finding(opening), approvalId))).toBe('done');
  });
});

describe('the evidence', () => {
  const asked = async (person: typeof auditor, kind = 'breakGlass', form: 'csv' | 'pdf' = 'csv') => {
    const period = { from: '2026-11-22', to: '2026-11-30' };
    return vault.run(await evidenceRequest(person.key, { ...person.context, kind, form, ...period }));
  };

  test('shows openings, uses and reviews, and no number', async () => {
    const opening = await glass.opened(opener, second, 'BG-6');
    const { csv = '' } = done(await asked(auditor));
    const lines = csv.split('\r\n');
    expect(lines[0]).toContain('開封番号,資格・封印番号,開封者,立会者,端末');
    const line = lines.find((each) => each.includes(opening));
    expect(line).toMatch(/,BG-6 \/ S-\d+,P-4001,OFFICER-9,T-0417,.*,2026-11-25,未了$/);
    const shown = lines.filter((each) => each.includes(refs[0]!));
    expect(shown.some((each) => each.includes('（表示なし）'))).toBe(true);
    expect(shown[0]).toMatch(/相当 2026-11-22 .* CHIEF-9、承認 AUDITOR-9：災害対応として相当$/);
    const slice = { from: '2026-11-22', to: '2026-11-30', after: undefined };
    const read = EVIDENCE_KINDS.breakGlass.read(vault.context.database, slice, '2026-11-26');
    const late = (await read).lines.find(({ cells }) => cells.includes(opening));
    expect(late!.cells.slice(-2)).toEqual(['2026-11-25（超過）', '未了']);
    expect(done(await asked(auditor, 'breakGlass', 'pdf'))).toHaveProperty('pdf');
    const { csv: used = '' } = done(await asked(auditor, 'use'));
    expect(used).toMatch(/,着手 breakGlass:AP-/);
    expect(used).toMatch(/,完了 breakGlass:AP-/);
  });

  test('is the audit officer’s; what waits for its review every officer sees, and nobody else', async () => {
    expect(codeOf(await asked(chief))).toBe('FORBIDDEN_PURPOSE');
    const list = async ({ key, context }: typeof auditor) =>
      vault.run(await breakGlassListRequest(key, context));
    for (const officer of [chief, auditor, second])
      expect(done(await list(officer))).toEqual({ openings: await glass.listed() });
    expect(codeOf(await list(opener))).toBe('FORBIDDEN_PURPOSE');
  });
});

describe('what is kept of it', () => {
  const TABLES = ['seal', 'opening', 'use', 'return', 'review'];

  test.each(TABLES)('vault.break_glass_%s is insert-only, for the owner too', async (table) => {
    const { owner, vault: own } = vault.databases;
    for (const change of ['delete from', 'truncate'])
      for (const database of [owner.vault, own])
        await expect(
          database.run('test.change', ({ raw }) =>
            raw.unsafe(`${change} vault.break_glass_${table}${change === 'truncate' ? ' cascade' : ''}`),
          ),
        ).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
  });
});

describe('a seal', () => {
  test.each([
    [{ by: 'OFFICER-9' }, 'FORBIDDEN_PURPOSE'],
    [{ by: 'NOBODY' }, 'NOT_FOUND'],
    [{ breakGlassId: 'GLASS-1' }, 'BAD_INPUT'],
    [{ sealNo: '123456789018' }, 'BAD_INPUT'],
    [{ sealNo: '' }, 'BAD_INPUT'],
  ])('%j is refused with %s', async (own, code) => {
    const entry = { breakGlassId: 'BG-30', sealNo: 'S-30', by: 'AUDITOR', ...own };
    await expect(glass.administer('seal', entry)).rejects.toMatchObject({ code });
  });

  test('has a number that the credential never had', async () => {
    const entry = { breakGlassId: 'BG-31', sealNo: 'S-31', by: 'AUDITOR' };
    const { code } = (await glass.administer('seal', entry)) as { code: string };
    await expect(glass.administer('seal', entry)).rejects.toMatchObject({ code: 'CONFLICT' });
    const entries = await glass.entries('Vault.sealBreakGlass');
    expect(entries.at(-2)).toMatchObject({ reason: 'sealed:BG-31:seal:S-31:by:AUDITOR', raised: true });
    const rows = await vault.databases.owner.vault.run(
      'test.seals',
      ({ raw }) => raw<{ text: string }[]>`select to_jsonb(s)::text as text from vault.break_glass_seal s`,
    );
    expect(rows.map(({ text }) => text).join()).not.toContain(code);
  });
});
