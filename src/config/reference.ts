import { GATEWAY_SETTINGS } from './gateway.js';
import { INTERMEDIARY_SETTINGS } from './intermediary.js';
import { ORGANIZATION_SETTINGS } from './organization.js';
import type { Setting } from './setting.js';
import { VAULT_SETTINGS } from './vault.js';
import { WORKER_SETTINGS } from './worker.js';

/** The documentation's reference of all settings. */
export function configurationReference(): string {
  return [
    '# Configuration',
    '',
    'Printed from `src/config`. Settings are environment variables; an unknown or missing one stops the process with a',
    'sentence that says which and why. Secrets are files of mode 600 and have no default.',
    '',
    '## `kuramori gateway`',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.values(GATEWAY_SETTINGS).map(rowOf),
    '',
    '## `kuramori vault`',
    '',
    'The passphrase is never a setting: it comes by `kuramori vault open`, a file descriptor or a credential file.',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.values(VAULT_SETTINGS).map(rowOf),
    '',
    '## `kuramori organization`',
    '',
    'The reference organization, which stands in for a real one. `--test-control` is no setting, so that no',
    'environment can open the paths with which tests steer it.',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.values(ORGANIZATION_SETTINGS).map(rowOf),
    '',
    '## `kuramori intermediary`',
    '',
    'The reference server that stands in for the national one. `--test-control` is no setting, so that no environment',
    'can open the paths with which tests steer it.',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.values(INTERMEDIARY_SETTINGS).map(rowOf),
    '',
    '## `kuramori worker`',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.values(WORKER_SETTINGS).map(rowOf),
    '',
    '## `kuramori up` and the commands beside it',
    '',
    '| Setting | Default | Meaning |',
    '| --- | --- | --- |',
    '| `KURAMORI_HOME` | `var` in the release’s folder | ' +
      'where the embedded database, the local keys and the demonstration’s credentials lie |',
    '| `RECORDS_DATABASE_URL` | the embedded database | ' +
      'with it set, commands work on that database and no embedded one of records starts |',
    '| `VAULT_DATABASE_URL` | the embedded databases | ' +
      'with it set, no embedded database of the vault starts; with `RECORDS_DATABASE_URL` alone the vault is not run |',
    '| `RECORDS_WORKER_DATABASE_URL` | the embedded database | ' +
      'with `RECORDS_DATABASE_URL` set, the worker runs only where this is set, too |',
    '',
    'Everything of the gateway, the vault and the worker may be set as well; `kuramori up` fills in what is local to',
    'the house and hands each process its own settings alone.',
    '',
  ].join('\n');
}

function rowOf({ name, description, fallback }: Setting<unknown>): string {
  const shown = fallback === undefined ? 'must be given' : fallback === '' ? 'none' : `\`${fallback}\``;
  return `| \`${name}\` | ${shown} | ${description} |`;
}
