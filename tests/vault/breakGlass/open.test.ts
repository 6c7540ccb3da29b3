import { describe, expect, test } from 'vitest';
import { newTerminalKey, revealRequest, signAssertion } from '../../../src/client/index.js';
import { BREAK_GLASS_PRESENT_MS_MAX } from '../../../src/kernel/limits.js';
import { reserveGlassUse } from '../../../src/vault/breakGlass/use.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { enrolCredential } from '../../../src/vault/staff/credential.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { byTwos, codeOf, done } from '../operation/support/two.js';
import { checkDigitOf, PATTERNED_BASES } from '../number/support/patterned.js';
import { glassScene, HOUR_MS, REASON } from './support/glass.js';

const glass = await glassScene();
const { vault, refs, opener, second, chief, registrar } = glass;
const [first = ''] = refs;

describe('an opening (handbook 15 §6.4)', () => {
  test('lets its opener see single numbers without a grant, each of them raised and marked', async () => {
    const stepUp = await vault.stepUp(opener);
    const { key, context } = opener;
    const plain = await glass.revealing(opener, first, 'AP-none', stepUp);
    expect(codeOf(await vault.run(plain))).toBe('FORBIDDEN_PURPOSE');
    const opening = await glass.opened(opener, second, 'BG-1');
    const fresh = await vault.stepUp(opener);
    const byGrant = await revealRequest(key, { ...context, ref: first, stepUp: fresh });
    expect(codeOf(await vault.run(byGrant))).toBe('FORBIDDEN_PURPOSE');
    const request = await glass.revealing(opener, first, opening, fresh);
    const { individualNumber = '' } = done(await vault.run(request));
    expect(await request.open(individualNumber)).toMatch(/^\d{12}$/);
    const entries = (await glass.entries('Vault.reveal')).slice(-2);
    expect(entries).toMatchObject([
      { reason: `intent breakGlass:${opening}`, raised: true, subjects: [first] },
      { reason: `done breakGlass:${opening}`, raised: true, subjects: [first], rows: 1 },
    ]);
    // What somebody with a grant does is not marked.
    const granted = { ...registrar.context, ref: first, stepUp: await vault.stepUp(registrar) };
    done(await vault.run(await revealRequest(registrar.key, granted)));
    expect((await glass.entries('Vault.reveal')).at(-1)).toMatchObject({ reason: 'done', raised: false });
  });

  test('is told of at once: a raised entry with both people, and operators', async () => {
    const opened = (await glass.entries('Vault.openBreakGlass')).at(-1);
    const [facts, sentence] = glass.alarms.at(-1)!;
    expect(opened).toMatchObject({ decision: 'allow', raised: true });
    expect(opened!.reason).toBe(`breakGlass:${facts['opening']}:BG-1:seal:S-1:with:OFFICER-9`);
    expect(sentence).toBe('break-glass was opened');
    expect(facts).toMatchObject({ breakGlassId: 'BG-1', openedBy: 'P-4001' });
    expect(await glass.listed()).toMatchObject([
      { opening: facts['opening'], state: 'open', openedBy: 'P-4001', secondedBy: 'OFFICER-9', uses: 1 },
    ]);
  });

  test('is one of its seal, and of its credential none before the review', async () => {
    const code = await glass.sealed('BG-2');
    const approvals: string[] = [];
    for (const person of [second, chief]) {
      const { approvalId = '' } = done(await glass.asks(opener, 'BG-2'));
      done(await glass.decides(person, approvalId));
      approvals.push(approvalId);
    }
    const asked = { breakGlassId: 'BG-2', code };
    const stepUp = await vault.stepUp(opener);
    const both = await Promise.all(approvals.map((each) => glass.opens(opener, asked, each, stepUp)));
    expect(both.map(codeOf).toSorted()).toEqual(['FORBIDDEN_PURPOSE', 'done']);
    const { approvalId: again = '' } = done(await glass.asks(opener, 'BG-2'));
    done(await glass.decides(chief, again));
    expect(codeOf(await glass.opens(opener, asked, again, await vault.stepUp(opener)))).toBe(
      'FORBIDDEN_PURPOSE',
    );
    expect((await glass.entries('Vault.openBreakGlass')).at(-1)).toMatchObject({
      reason: 'break-glass-disabled',
      raised: true,
    });
    const anew = { breakGlassId: 'BG-2', sealNo: 'S-NEW', by: 'CHIEF' };
    await expect(glass.administer('seal', anew)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is not made with a wrong code, nor with that of an envelope before, which its approval outlives', async () => {
    const old = await glass.sealed('BG-3');
    const code = await glass.sealed('BG-3');
    const { approvalId = '' } = done(await glass.asks(opener, 'BG-3'));
    done(await glass.decides(second, approvalId));
    const stepUp = await vault.stepUp(opener);
    for (const wrong of [old, 'AAAA-BBBB', ''.padEnd(26, '2')])
      expect(
        codeOf(await glass.opens(opener, { breakGlassId: 'BG-3', code: wrong }, approvalId, stepUp)),
      ).toBe('FORBIDDEN_PURPOSE');
    expect((await glass.entries('Vault.openBreakGlass')).at(-1)).toMatchObject({
      reason: 'break-glass-code',
      raised: true,
    });
    const { approvalId: never = '' } = done(await glass.asks(opener, 'BG-NEVER'));
    done(await glass.decides(chief, never));
    const strange = { breakGlassId: 'BG-NEVER', code };
    expect(codeOf(await glass.opens(opener, strange, never, await vault.stepUp(opener)))).toBe(
      'FORBIDDEN_PURPOSE',
    );
    const typed = { breakGlassId: 'BG-3', code: code.toLowerCase().replaceAll('-', ' ') };
    expect(codeOf(await glass.opens(opener, typed, approvalId, stepUp))).toBe('done');
  });
});

describe('two people', () => {
  test('are two persons, whatever keys and terminals one of them has', async () => {
    const code = await glass.sealed('BG-4');
    const officer = await vault.officer('OFFICER-7', { role: 'unitOfficer' });
    const { approvalId = '' } = done(await glass.asks(officer, 'BG-4'));
    // The same person's key on another terminal.
    const key = await newTerminalKey();
    const { credentialId } = await vault.context.database.transaction('tests.enrol', (tx) =>
      enrolCredential(
        tx,
        { personId: 'OFFICER-7', terminalId: 'T-0417', publicJwk: key.publicJwk },
        vault.clock.now(),
      ),
    );
    const other = { ...officer, key, context: { ...officer.context, credentialId, terminalId: 'T-0417' } };
    expect(codeOf(await glass.decides(other, approvalId, 'approve', 'sha256:x'))).not.toBe('done');
    expect(codeOf(await byTwos(vault).opens(other, approvalId))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    const stepUp = await vault.stepUp(officer);
    const asked = { breakGlassId: 'BG-4', code };
    expect(codeOf(await glass.opens(officer, asked, approvalId, stepUp))).toBe(
      'DUAL_CONTROL_REQUIRED missing',
    );
  });

  test('are present: an approval of five minutes ago opens nothing, nor one for other words', async () => {
    const code = await glass.sealed('BG-5');
    const { approvalId = '' } = done(await glass.asks(opener, 'BG-5'));
    done(await glass.decides(second, approvalId));
    const asked = { breakGlassId: 'BG-5', code };
    const stepUp = await vault.stepUp(opener);
    const other = { ...asked, reason: `${REASON}（別件）` };
    expect(codeOf(await glass.opens(opener, other, approvalId, stepUp))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    vault.clock.move(BREAK_GLASS_PRESENT_MS_MAX - 60_000);
    expect(codeOf(await glass.opens(opener, asked, approvalId, await vault.stepUp(opener)))).toBe(
      'DUAL_CONTROL_REQUIRED stale',
    );
  });

  test('are two whom the register knows as fit: no auditor opens, nobody without training', async () => {
    expect(codeOf(await glass.asks(glass.auditor, 'BG-5'))).toBe('FORBIDDEN_PURPOSE');
    const untrained = await vault.officer('P-UNTRAINED', { role: 'handler', trainedOn: '2024-04-01' });
    expect(codeOf(await glass.asks(untrained, 'BG-5'))).toBe('FORBIDDEN_PURPOSE');
    const elsewhere = { ...opener, context: { ...opener.context, basis: 'NONE' } };
    expect(codeOf(await glass.asks(elsewhere, 'BG-5'))).toBe('FORBIDDEN_PURPOSE');
  });

  test('who leave between the approval and the opening open nothing', async () => {
    const code = await glass.sealed('BG-6');
    const leaving = await vault.officer('OFFICER-L', { role: 'unitOfficer' });
    const { approvalId = '' } = done(await glass.asks(opener, 'BG-6'));
    done(await glass.decides(leaving, approvalId));
    const stepUp = await vault.stepUp(opener);
    await vault.databases.owner.vault.run(
      'test.left',
      ({ raw }) => raw`update vault.person set employment_to = '2026-11-21' where person_id = 'OFFICER-L'`,
    );
    expect(codeOf(await glass.opens(opener, { breakGlassId: 'BG-6', code }, approvalId, stepUp))).toBe(
      'ACCOUNT_REVOKED',
    );
  });
});

describe('under an opening', () => {
  const fresh = async (breakGlassId: string, with_ = second) => {
    const opening = await glass.opened(opener, with_, breakGlassId);
    return { opening, stepUp: await vault.stepUp(opener) };
  };

  test('five subjects are shown, however many are asked for at once', async () => {
    const { opening, stepUp } = await fresh('BG-10');
    const requests = await Promise.all(refs.map((ref) => glass.revealing(opener, ref, opening, stepUp)));
    const codes = (await Promise.all(requests.map((request) => vault.run(request)))).map(codeOf);
    expect(codes.toSorted()).toEqual(['BUDGET_EXCEEDED', 'done', 'done', 'done', 'done', 'done']);
    // Nobody's other budget was drawn on.
    const drawn = await vault.databases.owner.vault.run(
      'test.drawn',
      ({ raw }) => raw`select from vault.budget_use where kind = 'reveal' and person_id = 'P-4001'`,
    );
    expect(drawn).toHaveLength(0);
    expect(
      (await glass.entries('Vault.reveal')).filter(({ reason }) => reason.startsWith('budget-')),
    ).toEqual([
      expect.objectContaining({ reason: `budget-break-glass breakGlass:${opening}`, raised: true }),
    ]);
  });

  test('a subject that could not be shown is given back', async () => {
    const { opening, stepUp } = await fresh('BG-11');
    for (let times = 0; times < 6; times += 1)
      expect(codeOf(await glass.reveals(opener, newVaultRef(), opening, stepUp))).toBe('NOT_FOUND');
    expect(codeOf(await glass.reveals(opener, first, opening, stepUp))).toBe('done');
  });

  test('a subject that was erased is told of as that, and costs nothing', async () => {
    const eraser = await vault.person('P-3001', ['register', 'erase']);
    const { register, both } = byTwos(vault);
    const [base] = PATTERNED_BASES.slice(210);
    const ref = await register(eraser, base! + checkDigitOf(base!));
    const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了' };
    done(await both(eraser, chief, { op: 'erase', refs: [ref], said }));
    const { opening, stepUp } = await fresh('BG-19');
    expect(codeOf(await glass.reveals(opener, ref, opening, stepUp))).toBe('ERASED');
    const uses = await vault.databases.owner.vault.run(
      'test.uses',
      ({ raw }) => raw`
      select from vault.break_glass_use u join vault.break_glass_return r on r.use_id = u.id
      where u.vault_ref = ${ref} and u.opening_id = ${opening}`,
    );
    expect(uses).toHaveLength(1);
  });

  test('an assertion works once', async () => {
    const { opening, stepUp } = await fresh('BG-12');
    const request = await glass.revealing(opener, first, opening, stepUp);
    const answers = await Promise.all([1, 2, 3].map(() => vault.run(request)));
    expect(answers.map(codeOf).toSorted()).toEqual(['REPLAY_DETECTED', 'REPLAY_DETECTED', 'done']);
  });

  test('purpose, basis, step-up and terminal hold, and it is its opener’s alone', async () => {
    const { opening, stepUp } = await fresh('BG-13');
    const as = (own: object) => ({ ...opener, context: { ...opener.context, ...own } });
    expect(codeOf(await glass.reveals(as({ basis: 'NONE' }), first, opening, stepUp))).toBe(
      'FORBIDDEN_PURPOSE',
    );
    expect(codeOf(await glass.reveals(as({ purpose: 'DELINQUENCY' }), first, opening, stepUp))).toBe(
      'STEP_UP_REQUIRED',
    );
    expect(codeOf(await glass.reveals(opener, first, opening, 'SU-AAAAAAAAAAAAAAAAAAAAAA'))).toBe(
      'STEP_UP_REQUIRED',
    );
    const forSecond = await vault.stepUp(registrar);
    expect(codeOf(await glass.reveals(registrar, first, opening, forSecond))).toBe('FORBIDDEN_PURPOSE');
    const { key, context } = opener;
    const two = { ...context, ref: first, stepUp, approvals: [opening, 'AP-2'] };
    expect(codeOf(await vault.run(await revealRequest(key, two)))).toBe('FORBIDDEN_PURPOSE');
    expect((await glass.entries('Vault.reveal')).slice(-2).map(({ reason }) => reason)).toEqual([
      `break-glass-none breakGlass:${opening}`,
      'break-glass-none breakGlass:unknown',
    ]);
    expect(codeOf(await glass.reveals(opener, first, opening, stepUp))).toBe('done');
  });

  test('nothing else is done than single numbers shown', async () => {
    const { opening, stepUp } = await fresh('BG-14');
    const details = { ...opener.context, stepUp, approvals: [opening], op: 'status' as const, refs };
    const several = await signAssertion(opener.key, details, { refs });
    expect(codeOf(await vault.run(several))).toBe('FORBIDDEN_PURPOSE');
    const hold = { ...opener.context, stepUp, approvals: [opening], op: 'hold' as const, ref: first };
    const said = { basis: '根拠', reason: '理由' };
    expect(codeOf(await vault.run(await signAssertion(opener.key, hold, said)))).toBe('FORBIDDEN_PURPOSE');
  });

  test('the last millisecond of the hour counts, the 61st minute does not', async () => {
    const { opening } = await fresh('BG-15');
    const { openedAt } = (await glass.listed()).find((told) => told.opening === opening)!;
    const until = Date.parse(openedAt) + HOUR_MS;
    vault.clock.move(until - vault.clock.ms() - 60_000);
    const stepUp = await vault.stepUp(opener);
    vault.clock.move(until - 1 - vault.clock.ms());
    const late = await glass.revealing(opener, first, opening, stepUp);
    const inTime = await glass.revealing(opener, first, opening, stepUp);
    expect(codeOf(await vault.run(inTime))).toBe('done');
    vault.clock.move(1);
    expect(codeOf(await vault.run(late))).toBe('FORBIDDEN_PURPOSE');
    expect((await glass.entries('Vault.reveal')).at(-1)).toMatchObject({
      reason: `break-glass-over breakGlass:${opening}`,
      raised: true,
    });
  });

  test('the withdrawal of the second person closes it', async () => {
    const leaving = await vault.officer('OFFICER-W', { role: 'unitOfficer' });
    const { opening, stepUp } = await fresh('BG-16', leaving);
    expect(codeOf(await glass.reveals(opener, first, opening, stepUp))).toBe('done');
    await vault.context.database.transaction('tests.revoke', (tx) =>
      revokeNow(tx, 'OFFICER-W', vault.clock.now()),
    );
    expect(codeOf(await glass.reveals(opener, first, opening, stepUp))).toBe('FORBIDDEN_PURPOSE');
    expect((await glass.entries('Vault.reveal')).at(-1)!.reason).toBe(
      `break-glass-withdrawn breakGlass:${opening}`,
    );
  });

  test('the withdrawal of its opener closes it', async () => {
    const leaver = await vault.person('P-LEAVER', []);
    const opening = await glass.opened(leaver, second, 'BG-17');
    const stepUp = await vault.stepUp(leaver);
    const request = await glass.revealing(leaver, first, opening, stepUp);
    await vault.context.database.transaction('tests.revoke', (tx) =>
      revokeNow(tx, 'P-LEAVER', vault.clock.now()),
    );
    expect(codeOf(await vault.run(request))).toMatch(/^(UNAUTHENTICATED|ACCOUNT_REVOKED)$/);
  });

  test('whose training has ended since sees nothing', async () => {
    const opening = await glass.opened(registrar, second, 'BG-18');
    const stepUp = await vault.stepUp(registrar);
    await vault.databases.owner.vault.run(
      'test.training',
      ({ raw }) => raw`update vault.person set trained_on = '2024-04-01' where person_id = 'P-2001'`,
    );
    expect(codeOf(await glass.reveals(registrar, first, opening, stepUp))).toBe('FORBIDDEN_PURPOSE');
    expect((await glass.entries('Vault.reveal')).at(-1)!.reason).toBe(
      `training-expired breakGlass:${opening}`,
    );
  });
});

test('nothing is reserved for a reveal that names nobody', async () => {
  const claimed = { assertion: { ref: undefined }, actor: {} } as never;
  await expect(reserveGlassUse(vault.context, claimed, 'AP-1')).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('operators who are told by nothing but housekeeping open as well', async () => {
  Object.assign(vault.context, { alarm: undefined });
  expect(await glass.opened(opener, chief, 'BG-20')).toMatch(/^AP-/);
});
