// A first number, from the keyboard to its reader, beside a running house: `node scripts/first-reveal.mjs`.
// It enters people, a terminal and a grant as two officers would, then does on one machine what otherwise a terminal
// does: sign, seal, open. The number is a pattern of the handbook and nobody's.
import { registerRequest, revealRequest, stepUpRequest } from '../dist/src/client/index.js';
import { fromBase32, totpCode, totpStep } from '../dist/src/kernel/token/totp.js';
import {
  askerFor,
  change,
  enterFactor,
  enterHandler,
  HANDLER,
  id,
  vaultContext,
} from './newcomer/handler.mjs';

const NUMBER = '１２３４－５６７８－９０１８';

const { key, who } = await enterHandler(['register', 'reveal', 'resolve']);
const [secret, ask] = await Promise.all([enterFactor(), askerFor(HANDLER)]);
const { anchor, vaultKeys, context } = await vaultContext(ask, who);

const people = await ask(
  `{ addressees(filter: { kana: "ア" }, first: 50) {
       nodes { addresseeNo corporateNo individualNumber { mask ref } } } }`,
);
const { addresseeNo, individualNumber } =
  people.addressees.nodes.find((person) => person.individualNumber !== null) ??
  people.addressees.nodes.find(({ corporateNo }) => corporateNo === null);

/** Whoever has a number is not registered again: the script may run more than once in a house. */
async function register() {
  if (individualNumber !== null) return individualNumber;
  process.stdout.write(`typed       ${NUMBER}, for ${addresseeNo}\n`);
  const registration = await registerRequest(key, { ...context, number: NUMBER, vaultKeys });
  const { addressee } = await change(
    ask,
    'registerIndividualNumber',
    {
      idempotencyKey: id('register'),
      addresseeNo,
      assertion: registration.assertion,
      number: registration.body.number,
    },
    'addressee { individualNumber { mask ref } }',
  );
  return addressee.individualNumber;
}

const { mask, ref } = await register();
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
