import {
  oneAddress,
  oneOf,
  plainFile,
  readSettings,
  secretFile,
  serviceNames,
  text,
  wholeNumber,
  type Setting,
} from './setting.js';

/** Settings of `kuramori organization`. */
export const ORGANIZATION_SETTINGS = {
  host: {
    name: 'KURAMORI_ORGANIZATION_HOST',
    description: 'address to listen on; one of this machine, never all of them',
    fallback: '127.0.0.1',
    read: oneAddress,
  },
  port: {
    name: 'KURAMORI_ORGANIZATION_PORT',
    description: 'TCP port to listen on',
    fallback: '4300',
    read: wholeNumber(0, 65_535),
  },
  data: {
    name: 'KURAMORI_ORGANIZATION_DATA',
    description: 'folder of its keys, of packages and receipts; made when missing',
    read: text,
  },
  bodyCode: {
    name: 'KURAMORI_ORGANIZATION_BODY_CODE',
    description: '団体コード of the organization, 6 digits',
    fallback: '249203',
    read: bodyCode,
  },
  name: {
    name: 'KURAMORI_ORGANIZATION_NAME',
    description: 'name of the organization, as it stands in receipts',
    fallback: '架空滞納整理機構',
    read: text,
  },
  tlsKey: {
    name: 'KURAMORI_ORGANIZATION_TLS_KEY_FILE',
    description: 'file (mode 600) with the private key (PEM) of the TLS certificate',
    read: secretFile,
  },
  tlsCertificate: {
    name: 'KURAMORI_ORGANIZATION_TLS_CERTIFICATE_FILE',
    description: 'TLS certificate chain (PEM), for `urn:kuramori:service:organization`',
    read: plainFile,
  },
  tlsCa: {
    name: 'KURAMORI_ORGANIZATION_TLS_CA_FILE',
    description: 'certificate (PEM) of the one authority whose client certificates are accepted',
    read: plainFile,
  },
  services: {
    name: 'KURAMORI_ORGANIZATION_SERVICES',
    description: 'services that may connect, by the name in their client certificates',
    fallback: 'vault',
    read: serviceNames,
  },
  logLevel: {
    name: 'KURAMORI_ORGANIZATION_LOG_LEVEL',
    description: 'least severity that is logged',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
} as const satisfies Record<string, Setting<unknown>>;

/** What `kuramori organization` is set to. */
export type OrganizationConfiguration = ReturnType<typeof readOrganizationConfiguration>;

/** Reads the settings. @throws KuramoriError CONFIGURATION_INVALID */
export function readOrganizationConfiguration(environment: Readonly<Record<string, string | undefined>>) {
  return readSettings(ORGANIZATION_SETTINGS, environment, ['KURAMORI_HOME']);
}

function bodyCode(value: string): string {
  if (!/^[0-9]{6}$/.test(value)) throw new Error('must be 6 digits');
  return value;
}
