import { join } from 'node:path';
import { freePort } from '../embedded/cluster.js';
import type { HouseCertificates } from './certificates.js';
import { environmentOf } from './environment.js';
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
      ...environmentOf('organization', environment),
    },
  });
}
