// A first push beside a running house: `node scripts/first-push.mjs`, from a person's number to the masked account to
// which a refund may be paid. The person is of the demonstration; behind the name of another of them (`otherHolder`,
// `noAccount`, `noCode`) the inquiry ends otherwise. Run again, it goes on from what is there.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  acquireCodeRequest,
  inquireRefundAccountRequest,
  newConsentId,
  newPushRequestId,
  recordConsentRequest,
  registerRequest,
  viewRefundAccountRequest,
} from '../dist/src/client/index.js';
import { REFUND_CAST } from '../dist/src/demonstration/words/refundCast.js';
import {
  askerFor,
  change,
  day,
  enterHandler,
  HANDLER,
  id,
  kuramori,
  vaultContext,
} from './newcomer/handler.mjs';

/** Patterns of the handbook, nobody's. */
const NUMBERS = {
  sameHolder: '１３５７－９２４６－８０１５',
  otherHolder: '２０２０－２０２０－２０００',
  noAccount: '２０２０－２０２０－２０６０',
  noCode: '１１１１－１１１１－１１１８',
};
const REFUND_OFFICER = 'R1301';
const AUDITOR = 'X1801';
const OPERATIONS = ['register', 'push', 'recordConsent', 'viewRefundAccount'];
const ENDED = new Set(['DONE', 'REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED', 'NOT_ACCEPTED']);
const LOOK_MS = 250;
const LOOKS_MAX = 240;
const LOG_LINES = 6;

const say = (what, told) => process.stdout.write(`${what.padEnd(12)}${told}\n`);
const [wanted = 'sameHolder'] = process.argv.slice(2);
const person = REFUND_CAST[wanted];
if (person === undefined) throw new Error(`Name one of ${Object.keys(REFUND_CAST).join(', ')}.`);
const { unifiedAddresseeNo } = person;

/** The approved refund of the person, as whoever pays refunds sees it. */
async function findRefund() {
  const officer = await askerFor(REFUND_OFFICER);
  const [addressee] = (
    await officer(
      'query($kana: String!) { addressees(filter: { kana: $kana }, first: 1) { nodes { addresseeNo } } }',
      {
        kana: person.kana,
      },
    )
  ).addressees.nodes;
  if (addressee === undefined)
    throw new Error(
      'This house was filled before it had such people. Remove the folder var and start it afresh.',
    );
  const { refunds } = await officer(
    `query($no: String!) { refunds(filter: { addresseeNo: $no, state: APPROVED }, first: 1) {
      nodes { id amount accountInquiries { id state } } } }`,
    { no: addressee.addresseeNo },
  );
  const [refund] = refunds.nodes;
  if (refund === undefined) throw new Error('The refund has been paid. Name another person.');
  return { ...addressee, refund };
}

const [{ addresseeNo, refund }, ask] = await Promise.all([findRefund(), askerFor(HANDLER)]);
say('refund', `${refund.id} of ${refund.amount} yen is approved for ${person.name} (${addresseeNo})`);

const { key, who } = await enterHandler(OPERATIONS);
const { vaultKeys, context } = await vaultContext(ask, who);
say('handler', `${HANDLER} has a key on a terminal, and a grant for ${OPERATIONS.join(', ')}`);

const signed = ({ assertion, body }) => ({ assertion, body: JSON.stringify(body) });
const operate = async (name, operation) =>
  (
    await change(
      ask,
      'operateVault',
      { idempotencyKey: id(name), ...signed(operation) },
      'outcome { result vaultEntry }',
    )
  ).outcome;

async function register() {
  const known = await ask(
    'query($no: String!) { addressee(addresseeNo: $no) { individualNumber { ref } } }',
    {
      no: addresseeNo,
    },
  );
  // Of an earlier run in this house.
  if (known.addressee.individualNumber !== null) return known.addressee.individualNumber.ref;
  const attributes = { unifiedAddresseeNo };
  const details = { ...context, number: NUMBERS[wanted], attributes, vaultKeys };
  const { assertion, body } = await registerRequest(key, details);
  const input = {
    idempotencyKey: id('register'),
    addresseeNo,
    assertion,
    number: body.number,
    unifiedAddresseeNo,
  };
  const { addressee } = await change(
    ask,
    'registerIndividualNumber',
    input,
    'addressee { individualNumber { ref } }',
  );
  return addressee.individualNumber.ref;
}

const ref = await register();
say('registered', `${NUMBERS[wanted]} is in the vault as ${ref}`);
const about = { ...context, ref, refundId: refund.id };

/** Records the consent, then asks for the account. @returns the push's name */
async function inquire() {
  const consentId = newConsentId();
  const evidenceDigest = `sha256:${createHash('sha256').update('同意書').digest('base64url')}`;
  const consented = { consentId, channel: 'counter', consentedOn: day(0), evidenceDigest };
  const { vaultEntry } = await operate(
    'consent',
    await recordConsentRequest(key, { ...about, ...consented }),
  );
  say('consent', `${consentId}, entry ${vaultEntry} of the vault's log`);
  const pushRequestId = newPushRequestId();
  const asked = { ...about, pushRequestId, unifiedAddresseeNo, consentId, holderKana: person.kana };
  const push = await inquireRefundAccountRequest(key, asked);
  const input = { idempotencyKey: id('push'), refundId: refund.id, ...signed(push) };
  const made = await change(ask, 'inquireRefundAccount', input, 'pushRequest { id state }');
  say('asked', `push ${pushRequestId} is ${made.pushRequest.state} in the outbox`);
  return pushRequestId;
}

async function waited(pushRequestId) {
  const query = `query($id: ID!) { pushRequest(id: $id) { state reason attempt receiptDigest states { state at } } }`;
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const { pushRequest } = await ask(query, { id: pushRequestId });
    if (ENDED.has(pushRequest.state)) return pushRequest;
    await pause(LOOK_MS);
  }
  throw new Error('The push is still under way. Run this again to see what became of it.');
}

const [earlier] = refund.accountInquiries.filter(({ state }) => state === 'DONE' || !ENDED.has(state));
if (earlier) say('asked', `push ${earlier.id}, before; an account is asked for once per refund`);
const pushRequestId = earlier?.id ?? (await inquire());
const push = await waited(pushRequestId);
say('went', push.states.map(({ state }) => state).join(' → '));
say('ended', `${push.state}, ${push.reason}, receipt ${push.receiptDigest ?? 'none'}`);

async function view() {
  const { result, vaultEntry } = await operate('view', await viewRefundAccountRequest(key, about));
  const { account, holderMatches } = JSON.parse(result);
  const { bankCode, branchCode, accountNumber, holderKana } = account;
  say(
    'account',
    `${bankCode}-${branchCode} ${accountNumber} ${holderKana}…, entry ${vaultEntry} of the vault's log`,
  );
  say('holder', holderMatches ? 'is the taxpayer' : 'is somebody else: say why it is paid all the same');
}

/** 符号取得: without it no inquiry gets through. */
async function acquire() {
  const request = await acquireCodeRequest(key, {
    ...context,
    ref,
    pushRequestId: newPushRequestId(),
    unifiedAddresseeNo,
  });
  const input = { idempotencyKey: id('code'), addresseeNo, ...signed(request) };
  const { pushRequest } = await change(ask, 'acquireCode', input, 'pushRequest { id }');
  say('code', `asked for by push ${pushRequest.id}; in two minutes run this again`);
}

if (push.state === 'DONE' && push.reason === 'OK') await view();
else if (push.reason === 'NO_DATA') say('account', 'none is registered: the claim goes on paper');
else if (push.reason === 'CODE_NOT_ACQUIRED') await acquire();

const auditor = await askerFor(AUDITOR, 'AUDIT');
const { auditEntries } = await auditor(
  `query($no: String!, $first: Int!) { auditEntries(filter: { subject: $no, kind: PUSH }, first: $first) {
    nodes { sequence at actorId coordinate decision reason } } }`,
  { no: addresseeNo, first: LOG_LINES },
);
const told = auditEntries.nodes.map(({ sequence, at, actorId, coordinate, decision, reason }) =>
  [sequence, at, actorId, coordinate, decision, reason].join('  '),
);
const log = ['vault', 'log', '--reference', ref, '--size', String(LOG_LINES)];
process.stdout.write(`
The log of the records about ${addresseeNo}, newest first, as ${AUDITOR} reads it (auditEntries):
${told.join('\n')}

The vault's log about ${ref} (npm run -s kuramori -- ${log.join(' ')}):
${await kuramori(log)}`);
