import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  breakGlassApprovalRequest,
  decideApprovalRequest,
  newTerminalPasskey,
  numberSearchRequest,
  openApprovalRequest,
  openBreakGlassRequest,
  registerRequest,
  revealRequest,
  signAssertion,
  stepUpRequest,
  type SignedOperation,
  type TerminalSigner,
} from '../../../src/client/index.js';
import { totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { staffAdministration } from '../../../src/vault/staffAdministration.js';
import { place, plugIn } from '../../client/support/credentials.js';
import { SoftAuthenticator } from '../../support/authenticator.js';
import { linkHandler, testGateway, type GraphqlAnswer } from '../../support/gateway.js';
import { glassScene, REASON } from '../../vault/breakGlass/support/glass.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import { testService, type TestPerson } from '../../vault/operation/support/vault.js';

/** Numbers of handbook 10 §3.2: patterned, nobody's. */
const [FIRST, SECOND] = ['123456789018', '135792468015'] as const;

const RP_ID = 'tax.city.example.jp';
const ORIGIN = `https://app.${RP_ID}`;
const inside = await testService(undefined, { id: RP_ID, origins: new Set([ORIGIN]) });
const certificates = await authority();
const service = await startService({
  audit: memoryLog(),
  authority: certificates,
  runOperation: vaultOperations(inside.context),
  publishedKeys: signedInputKeys(inside.context),
});
const client = openVaultClient({
  url: service.url,
  ca: certificates.ca,
  key: certificates.gateway.key,
  certificate: certificates.gateway.cert,
});
afterAll(() => client.close());
const gateway = await testGateway(120, {}, client);
const clerk = await inside.person('P-1029');
await linkHandler(gateway, 'P-1029', 'P-4001', 'OFFICER-9');

const people = await gateway.db.owner.run(
  'test.people',
  ({ raw }) => raw<{ no: string }[]>`
  select addressee_no as no from records.addressee where corporate_no is null and merged_into is null
    and not exists (select from records.protection_reach r where r.addressee_no = addressee.addressee_no)
  order by 1 limit 3`,
);
const [one, two] = people.map(({ no }) => no) as [string, string];

const CASE = { 'kuramori-case': 'C-2026-0001' };
const ask = (query: string, variables: Record<string, unknown>, headers: Record<string, string> = CASE) =>
  gateway.ask('numberHandler', query, { variables, headers });

let keys = 0;
const REGISTER = `mutation($input: RegisterIndividualNumberInput!) {
  registerIndividualNumber(input: $input) {
    addressee { addresseeNo individualNumber { mask ref } } userErrors { code field }
  }
}`;
const register = async (addresseeNo: string, number: string): Promise<GraphqlAnswer> => {
  const { assertion, body } = await registerRequest(clerk.key, { ...clerk.context, number });
  const idempotencyKey = `register-${(keys += 1)}`;
  return ask(REGISTER, { input: { idempotencyKey, addresseeNo, assertion, number: body['number'] } });
};

/** Somebody with a factor, whatever signs. */
type Stepping = Omit<TestPerson, 'key'> & { readonly key: TerminalSigner };
const STEP_UP = `query($assertion: String!, $factor: String!) {
    vaultStepUp(assertion: $assertion, factor: $factor) { stepUp until }
  }`;
const steppedUp = async (person: Stepping): Promise<string> => {
  inside.clock.move(30_000);
  const totp = totpCode(person.secret, totpStep(inside.clock.ms()));
  const { assertion, body } = await stepUpRequest(person.key, { ...person.context, totp });
  const answer = await ask(STEP_UP, { assertion, factor: body['factor'] });
  expect(answer.errors).toEqual([]);
  return answer.data.vaultStepUp.stepUp as string;
};

const REVEAL = `query Reveal($no: String!, $assertion: String!, $readerKey: String!) {
  addressee(addresseeNo: $no) { name individualNumber { mask sealed(assertion: $assertion, readerKey: $readerKey) } }
}`;
const reveal = (no: string, { assertion, body }: SignedOperation, headers = CASE) =>
  ask(REVEAL, { no, assertion, readerKey: JSON.stringify(body['readerKey']) }, headers);

const OPERATE = `mutation($input: OperateVaultInput!) {
  operateVault(input: $input) { outcome { result } userErrors { code } } }`;

const SEARCH = `query($assertion: String!, $number: String!) {
    addresseeOfNumber(assertion: $assertion, number: $number) { addresseeNo }
  }`;

const refOf = (answer: GraphqlAnswer) =>
  answer.data.registerIndividualNumber.addressee.individualNumber.ref as string;
const refOfOne = async () => {
  const query = 'query($no: String!) { addressee(addresseeNo: $no) { individualNumber { ref } } }';
  return (await ask(query, { no: one })).data.addressee.individualNumber.ref as string;
};

describe('an individual number', () => {
  it('is registered, masked, found and shown to its reader, and the gateway never has it', async () => {
    const registered = await register(one, FIRST);
    expect(registered.errors).toEqual([]);
    expect(registered.data.registerIndividualNumber.userErrors).toEqual([]);
    const ref = refOf(registered);
    expect(ref).toMatch(/^vr_/);
    const stepUp = await steppedUp(clerk);
    const request = await revealRequest(clerk.key, { ...clerk.context, ref, stepUp });
    const shown = await reveal(one, request);
    expect(shown.errors).toEqual([]);
    const { mask, sealed } = shown.data.addressee.individualNumber as { mask: string; sealed: string };
    expect(mask).toBe('************');
    expect(sealed.split('.')).toHaveLength(5);
    expect(await request.open(sealed)).toBe(FIRST);
    const search = await numberSearchRequest(clerk.key, {
      ...clerk.context,
      stepUp,
      number: FIRST,
    });
    const found = await ask(SEARCH, { assertion: search.assertion, number: search.body['number'] });
    expect(found.data.addresseeOfNumber.addresseeNo).toBe(one);
  });

  it('is null where none is registered, and nothing is asked of the vault then', async () => {
    const request = await revealRequest(clerk.key, {
      ...clerk.context,
      ref: `vr_${'0'.repeat(26)}`,
      stepUp: await steppedUp(clerk),
    });
    const answer = await reveal(two, request);
    expect(answer.errors).toEqual([]);
    expect(answer.data.addressee.individualNumber).toBeNull();
  });

  it('belongs to one person', async () => {
    const answer = await register(two, FIRST);
    expect(answer.data.registerIndividualNumber.userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'number' },
    ]);
    const other = await register(one, SECOND);
    expect(other.data.registerIndividualNumber.userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'number' },
    ]);
  });

  it('that is not valid is refused without an echo', async () => {
    const answer = await register(two, '123456789012');
    expect(answer.data.registerIndividualNumber.userErrors).toMatchObject([{ code: 'BAD_INPUT' }]);
    expect(JSON.stringify(answer)).not.toContain('123456789012');
  });
});

describe('the vault’s refusal', () => {
  it('takes the field away, with the vault’s code, and nothing else', async () => {
    const ref = await refOfOne();
    const request = await revealRequest(clerk.key, {
      ...clerk.context,
      ref,
      stepUp: 'SU-AAAAAAAAAAAAAAAAAAAAAA',
    });
    const answer = await reveal(one, request);
    expect(answer.data.addressee.name).toEqual(expect.any(String));
    expect(answer.data.addressee.individualNumber).toEqual({ mask: '************', sealed: null });
    expect(answer.errors).toMatchObject([
      { path: ['addressee', 'individualNumber', 'sealed'], extensions: { code: 'STEP_UP_REQUIRED' } },
    ]);
  });

  it.each([
    ['without a case', {}, 'BAD_INPUT'],
    ['for a purpose that reaches no number', { ...CASE, 'kuramori-purpose': 'COUNTER' }, 'FORBIDDEN_PURPOSE'],
  ])('is not even asked for %s', async (_, headers, code) => {
    const before = await gateway.db.owner.run(
      'test.count',
      ({ raw }) => raw<{ n: bigint }[]>`
      select count(*) as n from audit.entry where kind = 'vaultOperation'`,
    );
    const ref = await refOfOne();
    const request = await revealRequest(clerk.key, {
      ...clerk.context,
      ref,
      stepUp: 'SU-AAAAAAAAAAAAAAAAAAAAAA',
    });
    const answer = await reveal(one, request, headers as typeof CASE);
    expect(answer.errors).toMatchObject([{ extensions: { code } }]);
    const after = await gateway.db.owner.run(
      'test.count',
      ({ raw }) => raw<{ n: bigint }[]>`
      select count(*) as n from audit.entry where kind = 'vaultOperation'`,
    );
    expect(Number(after[0]!.n - before[0]!.n)).toBe(0);
  });
});

describe('what was signed', () => {
  it.each<[string, typeof CASE & Record<string, string>, string]>([
    ['another case', { 'kuramori-case': 'C-2026-0002' }, 'BAD_INPUT'],
    ['another purpose', { ...CASE, 'kuramori-purpose': 'COLLECTION' }, 'FORBIDDEN_PURPOSE'],
  ])('is not carried for %s than the request names', async (_, headers, code) => {
    const ref = await refOfOne();
    const stepUp = await steppedUp(clerk);
    const request = await revealRequest(clerk.key, { ...clerk.context, ref, stepUp });
    const answer = await reveal(one, request, headers);
    expect(answer.errors).toMatchObject([{ extensions: { code } }]);
    expect(answer.data.addressee.individualNumber).toEqual({ mask: '************', sealed: null });
    expect((await reveal(one, request)).errors).toEqual([]);
  });
});

describe('one number in an operation', () => {
  const sealedArguments = '(assertion: "a.b.c", readerKey: "{}")';
  it.each([
    [
      'twice by aliases',
      `query($no: String!) { addressee(addresseeNo: $no) {
      individualNumber { a: sealed${sealedArguments} b: sealed${sealedArguments} } } }`,
    ],
    [
      'in a list',
      `query($no: String!) { addressees(filter: { addresseeNo: $no }) { nodes {
      individualNumber { sealed${sealedArguments} } } } }`,
    ],
  ])('and not %s', async (_, query) => {
    const answer = await ask(query, { no: one });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    expect(answer.data ?? null).toBeNull();
  });

  it('is for those who hold the function', async () => {
    const answer = await gateway.ask('refundOfficer', REVEAL, {
      variables: { no: one, assertion: 'a.b.c', readerKey: '{}' },
      headers: CASE,
    });
    expect(answer.data.addressee.individualNumber).toEqual({ mask: '************', sealed: null });
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN_FIELD', function: 'number:reveal' } },
    ]);
  });
});

describe('somebody who signs with an authenticator', () => {
  afterEach(() => place(undefined));

  it('is carried, stepped up and shown a number at the same calls', async () => {
    const ref = await refOfOne();
    const authenticator = new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN });
    plugIn(authenticator);
    const holder = { rpId: RP_ID, rpName: 'みほん市', personId: 'P-1029', displayName: 'P-1029' };
    const { passkey, authenticatorData } = await newTerminalPasskey(holder);
    const staff = staffAdministration(inside.context);
    const entry = { personId: 'P-1029', terminalId: 'T-0417', authenticatorData };
    const { credentialId } = (await staff['staff.credential']!(entry, 'hanako')) as { credentialId: string };
    const person = { ...clerk, key: passkey, context: { ...clerk.context, credentialId } };

    const stepUp = await steppedUp(person);
    const request = await revealRequest(passkey, { ...person.context, ref, stepUp });
    const shown = await reveal(one, request);
    expect(shown.errors).toEqual([]);
    expect(await request.open(shown.data.addressee.individualNumber.sealed as string)).toBe(FIRST);
    // Held back and carried once more.
    expect((await reveal(one, request)).errors).toMatchObject([{ extensions: { code: 'REPLAY_DETECTED' } }]);
  });
});

describe('what two people decide', () => {
  const OPERATE = `mutation($input: OperateVaultInput!) {
    operateVault(input: $input) { outcome { result vaultEntry } userErrors { code field } }
  }`;
  const operate = ({ assertion, body }: { assertion: string; body: unknown }) =>
    ask(OPERATE, {
      input: { idempotencyKey: `operate-${(keys += 1)}`, assertion, body: JSON.stringify(body) },
    });

  it('is carried to the vault as it was signed', async () => {
    const ref = await refOfOne();
    const status = await signAssertion(clerk.key, { ...clerk.context, op: 'status', ref }, {});
    const answer = await operate(status);
    expect(answer.errors).toEqual([]);
    const { outcome, userErrors } = answer.data.operateVault;
    expect(userErrors).toEqual([]);
    expect(JSON.parse(outcome.result as string)).toMatchObject({
      states: [{ ref, state: 'active', held: false }],
    });
    expect(outcome.vaultEntry).toMatch(/^[0-9]+$/);
  });

  it('is no other road to a number', async () => {
    const ref = await refOfOne();
    const stepUp = await steppedUp(clerk);
    const request = await revealRequest(clerk.key, { ...clerk.context, ref, stepUp });
    expect((await operate(request)).data.operateVault.userErrors).toMatchObject([
      { code: 'BAD_INPUT', field: 'assertion' },
    ]);
    expect((await operate({ assertion: 'a.b.c', body: {} })).data.operateVault.userErrors).toMatchObject([
      { code: 'BAD_INPUT' },
    ]);
  });
});

describe('who is signed in, and who signed', () => {
  const lastOf = async () => {
    const [row] = await gateway.db.owner.run(
      'test.last',
      ({ raw }) => raw`
      select actor_id as "actorId", coordinate, decision, reason, raised from audit.entry
      where reason = 'otherPerson' order by sequence desc limit 1`,
    );
    return row;
  };

  it('are one person, or nothing is carried and the auditors see it', async () => {
    const colleague = await inside.person('P-1033', ['register', 'reveal', 'resolve'], 'T-0433');
    const { assertion, body } = await numberSearchRequest(colleague.key, {
      ...colleague.context,
      number: FIRST,
    });
    const search = () => ask(SEARCH, { assertion, number: body['number'] });
    const refused = await search();
    expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', rule: 'otherPerson' } }]);
    expect(await lastOf()).toEqual({
      actorId: gateway.staff.find(({ role }) => role === 'numberHandler')?.staffId,
      coordinate: 'Query.addresseeOfNumber',
      decision: 'refuse',
      reason: 'otherPerson',
      raised: true,
    });
    await linkHandler(gateway, 'P-1033');
    // The vault is asked now, and wants a step-up.
    expect((await search()).errors).toMatchObject([{ extensions: { code: 'STEP_UP_REQUIRED' } }]);
  });

  it('are not one person when nobody can be read from what is carried', async () => {
    for (const claims of [{ sub: 'terminal:T-1' }, { sub: 7 }, {}, null, 'P-1029']) {
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const answer = await ask(SEARCH, { assertion: `a.${payload}.c`, number: 'n' });
      expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', rule: 'otherPerson' } }]);
    }
    const answer = await ask(SEARCH, { assertion: 'a', number: 'n' });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('in an emergency', () => {
  it('is shown to who has opened a sealed credential with a second person, by the same ways', async () => {
    const glass = await glassScene(inside);
    const { opener, second } = glass;
    const [ref, code] = [await refOfOne(), await glass.sealed('BG-1')];
    const breakGlassId = 'BG-1';
    let changes = 0;
    const operate = async ({ assertion, body }: SignedOperation) => {
      const input = { idempotencyKey: `glass-no-${(changes += 1)}`, assertion, body: JSON.stringify(body) };
      const answer = await ask(OPERATE, { input });
      expect(answer.data.operateVault.userErrors).toEqual([]);
      return JSON.parse(answer.data.operateVault.outcome.result as string) as Record<string, string>;
    };
    const { key, context } = opener;
    const asked = { ...context, breakGlassId, reason: REASON };
    const { approvalId = '' } = await operate(await breakGlassApprovalRequest(key, asked));
    const { contentDigest = '' } = await operate(
      await openApprovalRequest(second.key, { ...second.context, approvalId }),
    );
    const decision = { ...second.context, approvalId, contentDigest, decision: 'approve' } as const;
    await operate(await decideApprovalRequest(second.key, { ...decision, stepUp: await steppedUp(second) }));
    const stepUp = await steppedUp(opener);
    const opening = { ...asked, code, stepUp, approvals: [approvalId] as const };
    await operate(await openBreakGlassRequest(key, opening));
    const request = await revealRequest(key, { ...context, ref, stepUp, approvals: [approvalId] });
    const shown = await reveal(one, request);
    expect(shown.errors).toEqual([]);
    expect(await request.open(shown.data.addressee.individualNumber.sealed as string)).toBe(FIRST);
    // The gateway's own rule holds: who has no function for numbers there gets nowhere.
    const again = await revealRequest(key, { ...context, ref, stepUp, approvals: [approvalId] });
    const variables = {
      no: one,
      assertion: again.assertion,
      readerKey: JSON.stringify(again.body['readerKey']),
    };
    const refused = await gateway.ask('refundOfficer', REVEAL, { variables, headers: CASE });
    expect(refused.errors[0]!.extensions.code).toBe('FORBIDDEN_FIELD');
  });
});

describe('the two logs', () => {
  it('name each other for the same request', async () => {
    const ref = await refOfOne();
    const stepUp = await steppedUp(clerk);
    await reveal(one, await revealRequest(clerk.key, { ...clerk.context, ref, stepUp }));
    const [completed, intent] = await gateway.db.owner.run(
      'test.entries',
      ({ raw }) => raw<{ sequence: bigint; context: { counterpart?: string; requestId: string } }[]>`
      select sequence, context from audit.entry where coordinate = 'IndividualNumber.sealed'
      order by sequence desc limit 2`,
    );
    const theirs = await inside.databases.owner.vault.run(
      'test.entries',
      ({ raw }) => raw<
        { sequence: bigint; reason: string; context: { counterpart: string; requestId: string } }[]
      >`
      select sequence, reason, context from audit.entry where coordinate = 'Vault.reveal'
      order by sequence desc limit 2`,
    );
    expect(theirs.map(({ reason }) => reason)).toEqual(['done', 'intent']);
    for (const { context } of theirs) {
      expect(context.counterpart).toBe(String(intent!.sequence));
      expect(context.requestId).toBe(completed!.context.requestId);
    }
    expect(completed!.context.counterpart).toBe(String(theirs[0]!.sequence));
  });

  it('and the gateway’s database hold no number, in whatever spelling', async () => {
    const tables = await gateway.db.owner.run(
      'test.tables',
      ({ raw }) => raw<{ name: string }[]>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('records', 'access', 'audit') and table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const rows = await gateway.db.owner.run('test.dump', ({ raw }) =>
        raw.unsafe<{ row: string }[]>(`select t::text as row from ${name} t`),
      );
      const text = rows.map(({ row }) => row).join('\n');
      for (const number of [FIRST, SECOND]) {
        const spellings = [
          number,
          Buffer.from(number).toString('hex'),
          Buffer.from(number).toString('base64'),
        ];
        for (const spelling of spellings) expect(text.includes(spelling), name).toBe(false);
      }
    }
  });
});
