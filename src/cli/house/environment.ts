import { GATEWAY_SETTINGS } from '../../config/gateway.js';
import { INTERMEDIARY_SETTINGS } from '../../config/intermediary.js';
import { ORGANIZATION_SETTINGS } from '../../config/organization.js';
import { VAULT_SETTINGS } from '../../config/vault.js';
import { WORKER_SETTINGS } from '../../config/worker.js';

/** What is set for each process of the house. A process refuses what it does not know. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, { readonly name: string }>>>> = {
  gateway: GATEWAY_SETTINGS,
  intermediary: INTERMEDIARY_SETTINGS,
  organization: ORGANIZATION_SETTINGS,
  vault: VAULT_SETTINGS,
  worker: WORKER_SETTINGS,
};

/** The environment for one process: what is for the others alone is none of its business. */
export function environmentOf(
  process: 'gateway' | 'intermediary' | 'organization' | 'vault' | 'worker',
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const others = Object.entries(SETTINGS).filter(([name]) => name !== process);
  const foreign = new Set(others.flatMap(([, settings]) => Object.values(settings).map(({ name }) => name)));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.has(name)));
}
