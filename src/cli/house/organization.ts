import { join } from 'node:path';
import { GATEWAY_SETTINGS } from '../../config/gateway.js';
import { INTERMEDIARY_SETTINGS } from '../../config/intermediary.js';
import { ORGANIZATION_SETTINGS } from '../../config/organization.js';
import { VAULT_SETTINGS } from '../../config/vault.js';
import { freePort } from '../embedded/cluster.js';
import type { HouseCertificates } from './certificates.js';
import { withoutSettings } from './environment.js';
import { startProcess, type HouseProcess } from './process.js';

/**
 * Starts the reference organization (滞納整理機構) as a process of its own, on KURAMORI_ORGANIZATION_PORT of the
 * environment or a free port, with its data in the house.
 * @throws KuramoriError when it does not start
 */
export async function startHouseOrganization(
  environment: NodeJS.ProcessEnv,
  home: string,
  { caFile, organization }: HouseCertificates,
): Promise<HouseProcess> {
  return await startProcess({
    name: 'organization',
    argument: 'organization',
    environment: {
      KURAMORI_ORGANIZATION_DATA: join(home, 'organization'),
      KURAMORI_ORGANIZATION_PORT: String(await freePort()),
      KURAMORI_ORGANIZATION_TLS_KEY_FILE: organization.keyFile,
      KURAMORI_ORGANIZATION_TLS_CERTIFICATE_FILE: organization.certificateFile,
      KURAMORI_ORGANIZATION_TLS_CA_FILE: caFile,
      KURAMORI_ORGANIZATION_LOG_LEVEL: 'warn',
      ...withoutSettings(environment, GATEWAY_SETTINGS, VAULT_SETTINGS, INTERMEDIARY_SETTINGS),
    },
  });
}

/** The environment for the other processes: what is the organization's is none of their business. */
export function withoutOrganizationSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return withoutSettings(environment, ORGANIZATION_SETTINGS);
}
