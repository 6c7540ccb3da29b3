// A first number, from the keyboard to its reader, beside a running house: `node scripts/first-reveal.mjs`.
// It enters people, a terminal and a grant as two officers would, then does on one machine what otherwise a terminal
// does: sign, seal, open. The number is a pattern of the handbook and nobody's.
import { spawnSync } from 'node:child_process';
import {
  newTerminalKey,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
} from '../dist/src/client/index.js';
import { fromBase32, totpCode, totpStep } from '../dist/src/kernel/token/totp.js';

const GATEWAY = process.env.KURAMORI_GATEWAY ?? 'http://127.0.0.1:4000';
const NUMBER = '１２３４－５６７８－９０１８';
const CASE = 'C-2026-0001';
const UNIT = '1120';
/** The demonstration's register links this account with the person of the same name in the vault. */
const HANDLER = 'N1711';

function kuramori(words, input) {
  // By way of npm, which puts the installed Node before the machine's own.
  const run = spawnSync('npm', ['run', '-s', 'kuramori', '--', ...words], { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`kuramori ${words.join(' ')}: ${run.stderr}`);
  return run.stdout;
}

const enter = (command, entry) =>
  JSON.parse(kuramori(['vault', 'staff', command, '-'], JSON.stringify(entry)));
const id = (name) => `${name}-${process.pid}`;
/** A day in Japan, so many from today. */
const day = (days) => new Date(Date.now() + 9 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

/** Somebody who may register and see numbers: entered by one officer, approved by another. */
async function enterHandler() {
  const employed = {
    unit: UNIT,
    employmentFrom: day(-400),
    trainedOn: day(-30),
    secrecyAcceptedOn: day(-30),
  };
  for (const [personId, role] of [
    [id('OFFICER'), 'unitOfficer'],
    [id('CHIEF'), 'chiefOfficer'],
    [HANDLER, 'handler'],
  ])
    enter('person', { ...employed, personId, role });
  enter('terminal', { terminalId: id('T'), zone: 'workZone', unit: UNIT });
  const key = await newTerminalKey();
  const holder = { personId: HANDLER, terminalId: id('T') };
  const { credentialId } = enter('credential', { ...holder, publicJwk: key.publicJwk });
  const { secret } = enter('factor', { personId: HANDLER });
  const { grantId } = enter('grant', {
    personId: HANDLER,
    purpose: 'REFUND',
    operations: ['register', 'reveal', 'resolve'],
    validFrom: day(0),
    validTo: day(90),
    requestedBy: id('OFFICER'),
  });
  enter('approve', { grantId, by: id('CHIEF') });
  return { key, secret, credentialId, ...holder };
}

const token = kuramori(['token', HANDLER]).trim();

async function ask(query, variables = {}) {
  const answer = await fetch(`${GATEWAY}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'kuramori-purpose': 'REFUND',
      'kuramori-case': CASE,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '));
  return data;
}

const { key, secret, ...who } = await enterHandler();
const anchor = JSON.parse(kuramori(['vault', 'anchor']));
const { vaultKeys: published } = await ask('{ vaultKeys { published } }');
const { signed } = JSON.parse(published.published);
const municipality = /^municipality\s+(\d{6})$/m.exec(kuramori(['vault', 'status']))?.[1] ?? '';
const vaultKeys = await verifyPublishedKeys(signed, anchor, { municipality });
const context = { ...who, municipality, purpose: 'REFUND', basis: 'NUMBER-ACT-9-1-24', caseId: CASE };

const people = await ask(
  '{ addressees(filter: { kana: "ア" }, first: 50) { nodes { addresseeNo corporateNo individualNumber { mask } } } }',
);
const { addresseeNo } =
  people.addressees.nodes.find(({ individualNumber }) => individualNumber !== null) ??
  people.addressees.nodes.find(({ corporateNo }) => corporateNo === null);
process.stdout.write(`typed       ${NUMBER}, for ${addresseeNo}\n`);

const registration = await registerRequest(key, { ...context, number: NUMBER, vaultKeys });
const { registerIndividualNumber } = await ask(
  `mutation($input: RegisterIndividualNumberInput!) { registerIndividualNumber(input: $input) {
    addressee { individualNumber { mask ref } } userErrors { message } } }`,
  {
    input: {
      idempotencyKey: id('register'),
      addresseeNo,
      assertion: registration.assertion,
      number: registration.body.number,
    },
  },
);
for (const { message } of registerIndividualNumber.userErrors) throw new Error(message);
const { mask, ref } = registerIndividualNumber.addressee.individualNumber;
process.stdout.write(`registered  ${ref}\n`);

const totp = totpCode(fromBase32(secret), totpStep(Date.now()));
const stepping = await stepUpRequest(key, { ...context, totp, vaultKeys });
const { vaultStepUp } = await ask(
  'query($assertion: String!, $factor: String!) { vaultStepUp(assertion: $assertion, factor: $factor) { stepUp } }',
  { assertion: stepping.assertion, factor: stepping.body.factor },
);
const reveal = await revealRequest(key, { ...context, ref, stepUp: vaultStepUp.stepUp, anchor });
const shown = await ask(
  `query($no: String!, $assertion: String!, $readerKey: String!) { addressee(addresseeNo: $no) {
    individualNumber { mask sealed(assertion: $assertion, readerKey: $readerKey) } } }`,
  { no: addresseeNo, assertion: reveal.assertion, readerKey: JSON.stringify(reveal.body.readerKey) },
);
const { sealed } = shown.addressee.individualNumber;
process.stdout.write(`at the gateway  ${mask}  ${sealed.slice(0, 24)}… (${sealed.length} characters)\n`);
process.stdout.write(`opened      ${await reveal.open(sealed)}\n`);
