// What the first steps beside a running house share: people of the vault entered as two officers would, and questions
// to the gateway in the name of one of them.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { newTerminalKey, verifyPublishedKeys } from '../../dist/src/client/index.js';

const RELEASE_ROOT = new URL('../../', import.meta.url);
const LAUNCHER = fileURLToPath(new URL('bin/kuramori.js', RELEASE_ROOT));
const PURPOSE = 'REFUND';
const CASE = 'C-2026-0001';
const UNIT = '1120';
/** The demonstration's register links this account with the person of the same name in the vault. */
export const HANDLER = 'N1711';
/** Of names that must be new each time. */
const RUN = Date.now().toString(36);

/** A name that no run had before. */
export const id = (name) => `${name}-${RUN}`;

/** A day in Japan, so many from today. */
export const day = (days) =>
  new Date(Date.now() + 9 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

/** Where the gateway of the running house listens. */
function gatewayAddress() {
  const home = process.env.KURAMORI_HOME ?? fileURLToPath(new URL('var', RELEASE_ROOT));
  const note = join(home, 'running.json');
  if (!existsSync(note)) throw new Error('No house is running here. Start one with npm start.');
  return JSON.parse(readFileSync(note, 'utf8')).gateway;
}

const gateway = gatewayAddress();

/** Runs `kuramori` and answers what it wrote. */
export async function kuramori(words, input = '') {
  // By way of the launcher, which takes the Node that npm installed where the machine's own is too old.
  const run = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  run.stdin.end(input);
  const ended = new Promise((resolve) => run.once('close', resolve));
  const [output, error, code] = await Promise.all([text(run.stdout), text(run.stderr), ended]);
  if (code !== 0) throw new Error(`kuramori ${words.join(' ')}: ${error}`);
  return output;
}

const enter = async (command, entry) =>
  JSON.parse(await kuramori(['vault', 'staff', command, '-'], JSON.stringify(entry)));

/**
 * Somebody with a terminal and a grant for these operations: entered by one officer, approved by another.
 * @returns the terminal's key, and who signs with it
 */
export async function enterHandler(operations) {
  const employed = {
    unit: UNIT,
    employmentFrom: day(-400),
    trainedOn: day(-30),
    secrecyAcceptedOn: day(-30),
  };
  const roles = {
    [id('OFFICER')]: 'unitOfficer',
    [id('CHIEF')]: 'chiefOfficer',
    [id('AUDITOR')]: 'auditOfficer',
    [HANDLER]: 'handler',
  };
  await Promise.all([
    ...Object.entries(roles).map(([personId, role]) => enter('person', { ...employed, personId, role })),
    enter('terminal', { terminalId: id('T'), zone: 'workZone', unit: UNIT }),
  ]);
  const key = await newTerminalKey();
  const holder = { personId: HANDLER, terminalId: id('T') };
  const wanted = { purpose: PURPOSE, operations, validFrom: day(0), validTo: day(90) };
  const [{ credentialId }, { grantId }] = await Promise.all([
    enter('credential', { ...holder, publicJwk: key.publicJwk }),
    enter('grant', { personId: HANDLER, ...wanted, requestedBy: id('OFFICER') }),
  ]);
  await enter('approve', { grantId, by: id('CHIEF') });
  return { key, who: { credentialId, ...holder } };
}

/** An authenticator for the handler. @returns its secret, Base32 */
export async function enterFactor() {
  return (await enter('factor', { personId: HANDLER })).secret;
}

/** Asks the gateway in the name of an account of the demonstration. */
export async function askerFor(staffId, purpose = PURPOSE) {
  const token = (await kuramori(['token', staffId])).trim();
  return async (query, variables = {}) => {
    const answer = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'kuramori-purpose': purpose,
        'kuramori-case': CASE,
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(errors.map(({ message }) => message).join(' '));
    return data;
  };
}

/** Changes something by way of the gateway. @param payload fields of the answer beside its `userErrors` */
export async function change(ask, name, input, payload) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${payload} userErrors { message } } }`;
  const { [name]: answer } = await ask(query, { input });
  for (const { message } of answer.userErrors) throw new Error(message);
  return answer;
}

/** What every operation of the handler says, and the vault's keys, verified by its anchor. */
export async function vaultContext(ask, who) {
  const [anchorText, status, { vaultKeys: told }] = await Promise.all([
    kuramori(['vault', 'anchor']),
    kuramori(['vault', 'status']),
    ask('{ vaultKeys { published } }'),
  ]);
  const anchor = JSON.parse(anchorText);
  const { signed } = JSON.parse(told.published);
  const municipality = /^municipality\s+(\d{6})$/m.exec(status)?.[1] ?? '';
  const vaultKeys = await verifyPublishedKeys(signed, anchor, { municipality });
  const context = { ...who, municipality, purpose: PURPOSE, basis: 'NUMBER-ACT-9-1-24', caseId: CASE };
  return { anchor, vaultKeys, context };
}
