import { INTERMEDIARY_LINKAGES_MAX } from '../kernel/limits.js';
import { privateDropKey } from './dropKey.js';
import {
  oneAddress,
  oneOf,
  optional,
  plainFile,
  readSettings,
  secretFile,
  text,
  wholeNumber,
  type Setting,
} from './setting.js';

/** Settings of `kuramori intermediary`. */
export const INTERMEDIARY_SETTINGS = {
  host: {
    name: 'KURAMORI_INTERMEDIARY_HOST',
    description: 'address to listen on; one of this machine, never all of them',
    fallback: '127.0.0.1',
    read: oneAddress,
  },
  port: {
    name: 'KURAMORI_INTERMEDIARY_PORT',
    description: 'TCP port to listen on',
    fallback: '4200',
    read: wholeNumber(0, 65_535),
  },
  data: {
    name: 'KURAMORI_INTERMEDIARY_DATA',
    description: 'folder of its journals, one below it for each body; made when missing',
    read: text,
  },
  tlsKey: {
    name: 'KURAMORI_INTERMEDIARY_TLS_KEY_FILE',
    description: 'file (mode 600) with the private key (PEM) of the TLS certificate',
    read: secretFile,
  },
  tlsCertificate: {
    name: 'KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE',
    description: 'TLS certificate chain (PEM), for `urn:kuramori:service:intermediary`',
    read: plainFile,
  },
  tlsCa: {
    name: 'KURAMORI_INTERMEDIARY_TLS_CA_FILE',
    description: 'certificate (PEM) of the one authority whose client certificates are accepted',
    read: plainFile,
  },
  linkages: {
    name: 'KURAMORI_INTERMEDIARY_LINKAGES',
    description:
      'linkage servers (団体内統合利用番号連携サーバー) that may connect, by the service name in their client ' +
      'certificates, each with the 機関コード it speaks for: `name=16 digits`, separated by commas',
    fallback: 'vault=0220000000992011',
    read: linkages,
  },
  drops: {
    name: 'KURAMORI_INTERMEDIARY_DROPS',
    description:
      'linkage servers that exchange by files, each with its folder (mode 700): `name=/folder`, separated by commas',
    fallback: '',
    read: drops,
  },
  dropKey: {
    name: 'KURAMORI_INTERMEDIARY_DROP_KEY_FILE',
    description: 'file (mode 600) with the private key (PEM, X25519) that their files are sealed to',
    fallback: '',
    read: optional(privateDropKey),
  },
  seed: {
    name: 'KURAMORI_INTERMEDIARY_SEED',
    description: 'text that the identifiers it gives out are worked out of',
    fallback: 'kuramori',
    read: text,
  },
  staff: {
    name: 'KURAMORI_INTERMEDIARY_STAFF_FILE',
    description: 'file (JSON) with rows of the staff table, beside the invented ones',
    fallback: '',
    read: (path) => optionalJson(path) ?? [],
  },
  demonstration: {
    name: 'KURAMORI_INTERMEDIARY_DEMONSTRATION_FILE',
    description: 'file (JSON) with people and staff of a demonstration, beside the invented ones',
    fallback: '',
    read: optionalJson,
  },
  logLevel: {
    name: 'KURAMORI_INTERMEDIARY_LOG_LEVEL',
    description: 'least severity that is logged',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
} as const satisfies Record<string, Setting<unknown>>;

/** What `kuramori intermediary` is set to. */
export type IntermediaryConfiguration = ReturnType<typeof readIntermediaryConfiguration>;

/** Reads the settings. @throws KuramoriError CONFIGURATION_INVALID */
export function readIntermediaryConfiguration(environment: Readonly<Record<string, string | undefined>>) {
  return readSettings(INTERMEDIARY_SETTINGS, environment, ['KURAMORI_HOME']);
}

function linkages(value: string): ReadonlyMap<string, string> {
  const pairs = value.split(',').map((part) => /^\s*([a-z][a-z0-9-]{0,31})=(\d{16})\s*$/.exec(part));
  const sound = pairs.flatMap((pair) => (pair === null ? [] : [[pair[1], pair[2]] as [string, string]]));
  const found = new Map(sound);
  if (found.size !== pairs.length || pairs.length > INTERMEDIARY_LINKAGES_MAX)
    throw new Error('must be different names with 16 digits each, such as vault=0220000000992011');
  return found;
}

function drops(value: string): ReadonlyMap<string, string> {
  const parts = value === '' ? [] : value.split(',');
  const pairs = parts.map((part) => /^\s*([a-z][a-z0-9-]{0,31})=(\/[^\0]+?)\s*$/.exec(part));
  const found = new Map(pairs.map((pair): [string, string] => [pair?.[1] ?? '', pair?.[2] ?? '']));
  if (found.size !== parts.length || found.has('') || parts.length > INTERMEDIARY_LINKAGES_MAX)
    throw new Error('must be different names with a folder each, such as vault=/var/lib/exchange');
  return found;
}

function optionalJson(path: string): unknown {
  const content = optional(plainFile)(path);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch (cause) {
    throw new Error('names a file that is not JSON', { cause });
  }
}
