import { BlockList, isIP } from 'node:net';
import {
  SOCKET_PATH_BYTES_MAX,
  TRANSFER_ROUND_SECONDS,
  TRANSFER_ROUND_SECONDS_MAX,
  TRANSFER_ROUND_SECONDS_MIN,
  VAULT_SOURCES_MAX,
} from '../kernel/limits.js';
import { KuramoriError } from '../kernel/errors.js';
import { publicDropKey } from './dropKey.js';
import { intermediarySettings } from './intermediaryLink.js';
import { relyingPartyId, relyingPartyOrigins, relyingPartySettings } from './relyingParty.js';
import {
  oneAddress,
  oneOf,
  optional,
  plainFile,
  readSettings,
  secretFile,
  serviceNames,
  text,
  url,
  watched,
  wholeNumber,
  type Setting,
} from './setting.js';

/** How a vault may be opened. */
export const SEAL_METHODS = ['passphrase', 'file', 'pkcs11'] as const;

/** Settings of `kuramori vault`. There is no default for any secret, and none is read from the environment. */
export const VAULT_SETTINGS = {
  vaultUrl: {
    name: 'VAULT_DATABASE_URL',
    description: 'vault database, as the role of the vault: postgres://user:password@host:port/name',
    read: url('postgres', 'postgresql'),
  },
  shredUrl: {
    name: 'VAULT_SHRED_DATABASE_URL',
    description: 'database of the erasure keys (消去鍵), whose backups are kept for at most 35 days',
    read: url('postgres', 'postgresql'),
  },
  environment: {
    name: 'KURAMORI_VAULT_ENVIRONMENT',
    description:
      'what this vault is for: `production`, `test` or `demonstration`. Its keys are made for it, and a vault of ' +
      'another kind does not start with them',
    fallback: 'production',
    read: oneOf('production', 'test', 'demonstration'),
  },
  host: {
    name: 'KURAMORI_VAULT_HOST',
    description: 'address to listen on; one of this machine, never all of them',
    fallback: '127.0.0.1',
    read: oneAddress,
  },
  port: {
    name: 'KURAMORI_VAULT_PORT',
    description: 'TCP port to listen on',
    fallback: '4100',
    read: wholeNumber(0, 65_535),
  },
  tlsKey: {
    name: 'KURAMORI_VAULT_TLS_KEY_FILE',
    description: 'file (mode 600) with the private key (PEM) of the TLS certificate',
    read: watched(secretFile),
  },
  tlsCertificate: {
    name: 'KURAMORI_VAULT_TLS_CERTIFICATE_FILE',
    description: 'TLS certificate chain (PEM), for `urn:kuramori:service:vault`',
    read: watched(plainFile),
  },
  tlsCa: {
    name: 'KURAMORI_VAULT_TLS_CA_FILE',
    description: 'certificate (PEM) of the one authority whose client certificates are accepted',
    read: watched(plainFile),
  },
  services: {
    name: 'KURAMORI_VAULT_SERVICES',
    description: 'services that may connect, by the name in their client certificates',
    fallback: 'gateway,worker',
    read: serviceNames,
  },
  sources: {
    name: 'KURAMORI_VAULT_SOURCES',
    description: 'addresses or networks (CIDR) that may connect, separated by commas',
    fallback: '127.0.0.1/32,::1/128',
    read: networks,
  },
  municipality: {
    name: 'KURAMORI_VAULT_MUNICIPALITY',
    description: '全国地方公共団体コード of the municipality, 6 digits',
    read: municipalityCode,
  },
  municipalityName: {
    name: 'KURAMORI_VAULT_MUNICIPALITY_NAME',
    description: 'name of the municipality, as documents of evidence print it beside the code',
    fallback: '',
    read: optional(text),
  },
  webauthnRpId: {
    name: 'KURAMORI_VAULT_WEBAUTHN_RP_ID',
    description:
      'RP id (WebAuthn) of the front ends, such as tax.city.example.jp; without it no key of an authenticator is taken',
    fallback: '',
    read: optional(relyingPartyId),
  },
  webauthnOrigins: {
    name: 'KURAMORI_VAULT_WEBAUTHN_ORIGINS',
    description: 'origins of the front ends, such as https://app.tax.city.example.jp, separated by commas',
    fallback: '',
    read: optional(relyingPartyOrigins),
  },
  socket: {
    name: 'KURAMORI_VAULT_SOCKET',
    description: 'Unix socket for administration, in a folder that only the account of the vault may enter',
    read: socketPath,
  },
  journalFile: {
    name: 'KURAMORI_VAULT_ERASURE_JOURNAL_FILE',
    description:
      'journal of erasures (消去記録), outside the database and its backups; replayed before service',
    read: text,
  },
  seal: {
    name: 'KURAMORI_VAULT_SEAL',
    description: 'how the vault is opened: passphrase, file (a key in a file) or pkcs11 (a key in a token)',
    fallback: 'passphrase',
    read: oneOf(...SEAL_METHODS),
  },
  sealKeyFile: {
    name: 'KURAMORI_VAULT_SEAL_KEY_FILE',
    description: 'file (mode 600) with the key of 32 bytes; for the seal `file`',
    fallback: '',
    read: optional(text),
  },
  passphraseDescriptor: {
    name: 'KURAMORI_VAULT_PASSPHRASE_FD',
    description: 'file descriptor that the passphrase is read from at start; for the seal `passphrase`',
    fallback: '',
    read: optional(wholeNumber(3, 1_023)),
  },
  passphraseFile: {
    name: 'KURAMORI_VAULT_PASSPHRASE_FILE',
    description: 'file (mode 600 or less) with the passphrase, such as a systemd credential; read at start',
    fallback: '',
    read: optional(text),
  },
  pkcs11Module: {
    name: 'KURAMORI_VAULT_PKCS11_MODULE',
    description: 'library of the token; for the seal `pkcs11`',
    fallback: '',
    read: optional(text),
  },
  pkcs11Token: {
    name: 'KURAMORI_VAULT_PKCS11_TOKEN',
    description: 'label of the token',
    fallback: '',
    read: optional(text),
  },
  pkcs11Key: {
    name: 'KURAMORI_VAULT_PKCS11_KEY',
    description: 'label of the AES key in the token',
    fallback: '',
    read: optional(text),
  },
  pkcs11PinFile: {
    name: 'KURAMORI_VAULT_PKCS11_PIN_FILE',
    description: 'file (mode 600) with the PIN of the token',
    fallback: '',
    read: optional(text),
  },
  intermediaryUrl: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_URL',
    description: 'address of the intermediary server (中間サーバー), https://…; without it no push is taken',
    fallback: '',
    read: optional(url('https')),
  },
  intermediaryDropFolder: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_DROP_FOLDER',
    description:
      'in place of an address: folder (mode 700) of the exchange by files with the intermediary server, of one ' +
      'vault alone',
    fallback: '',
    read: optional(text),
  },
  intermediaryDropKey: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_DROP_KEY_FILE',
    description: 'public key (PEM, X25519) of the intermediary server that files are sealed to',
    fallback: '',
    read: optional(publicDropKey),
  },
  intermediaryKey: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_KEY_FILE',
    description:
      'file (mode 600) with the private key (PEM) of the certificate shown to the intermediary server',
    fallback: '',
    read: optional(secretFile),
  },
  intermediaryCertificate: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_CERTIFICATE_FILE',
    description: 'certificate (PEM) shown to the intermediary server, for `urn:kuramori:service:vault`',
    fallback: '',
    read: optional(plainFile),
  },
  intermediaryCa: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_CA_FILE',
    description: 'certificate (PEM) of the one authority whose intermediary server is believed',
    fallback: '',
    read: optional(plainFile),
  },
  intermediaryBodyCode: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_BODY_CODE',
    description: '機関コード of the municipality, 16 digits',
    fallback: '',
    read: optional(bodyCode),
  },
  intermediaryBodyName: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_BODY_NAME',
    description: 'name of the municipality in information provision records (情報提供等記録)',
    fallback: '',
    read: optional(text),
  },
  intermediarySystemId: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_SYSTEM_ID',
    description: 'name of this system at the intermediary server',
    fallback: 'kuramori',
    read: text,
  },
  intermediaryLayout: {
    name: 'KURAMORI_VAULT_INTERMEDIARY_LAYOUT',
    description: '特定個人情報データ標準レイアウト of messages, such as 2026-07',
    fallback: '',
    read: optional(layoutVersion),
  },
  transferFolder: {
    name: 'KURAMORI_VAULT_TRANSFER_FOLDER',
    description:
      'folder of the vault alone for transfers (移管): encrypted spool and sealed packages; without it none are offered',
    fallback: '',
    read: optional(text),
  },
  transferRoundSeconds: {
    name: 'KURAMORI_VAULT_TRANSFER_ROUND_SECONDS',
    description:
      'seconds between two rounds of what transfers do by themselves: seal, hand over, ask organizations, raise, erase',
    fallback: String(TRANSFER_ROUND_SECONDS),
    read: wholeNumber(TRANSFER_ROUND_SECONDS_MIN, TRANSFER_ROUND_SECONDS_MAX),
  },
  organizationKey: {
    name: 'KURAMORI_VAULT_ORGANIZATION_KEY_FILE',
    description:
      'file (mode 600) with the private key (PEM) by which the vault asks organizations over HTTPS',
    fallback: '',
    read: optional(watched(secretFile)),
  },
  organizationCertificate: {
    name: 'KURAMORI_VAULT_ORGANIZATION_CERTIFICATE_FILE',
    description: 'client certificate chain (PEM) for it',
    fallback: '',
    read: optional(watched(plainFile)),
  },
  organizationCa: {
    name: 'KURAMORI_VAULT_ORGANIZATION_CA_FILE',
    description: 'certificate (PEM) of the one authority by which organizations are believed',
    fallback: '',
    read: optional(watched(plainFile)),
  },
  recordsUrl: {
    name: 'RECORDS_DATABASE_URL',
    description: 'never used; where it is known, the vault refuses to share its database server and user',
    fallback: '',
    read: optional(url('postgres', 'postgresql')),
  },
  logLevel: {
    name: 'KURAMORI_VAULT_LOG_LEVEL',
    description: 'least severity that is logged',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
} as const satisfies Record<string, Setting<unknown>>;

/** What `kuramori vault` is set to. */
export type VaultConfiguration = ReturnType<typeof readVaultConfiguration>;

/** Names under which somebody might try to hand a secret over: the environment is seen by too many (lessons 54). */
const SECRET_NAME = /^(KURAMORI_)?VAULT_(SEAL_|PKCS11_)?(PASSPHRASE|PASSWORD|PIN|ROOT_KEY|SECRET)$/;

/**
 * Reads the vault's settings.
 * @throws KuramoriError CONFIGURATION_INVALID, also when a secret is in the environment
 */
export function readVaultConfiguration(environment: Readonly<Record<string, string | undefined>>) {
  const names = new Set<string>(Object.values(VAULT_SETTINGS).map(({ name }) => name));
  const secrets = Object.keys(environment).filter((name) => SECRET_NAME.test(name) && !names.has(name));
  if (secrets.length > 0) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `${secrets.join(', ')}: a secret of the vault never stands in the environment. ` +
        'Use kuramori vault open, a file descriptor or a credential file.',
    );
  }
  const values = readSettings(VAULT_SETTINGS, environment, ['KURAMORI_HOME']);
  assertSealParts(values);
  assertOrganizationParts(values);
  return {
    ...values,
    intermediary: intermediarySettings(values),
    relyingParty: relyingPartySettings(values),
  };
}

/** What each way to open the vault cannot do without. */
const SEAL_PARTS = {
  passphrase: [],
  file: ['sealKeyFile'],
  pkcs11: ['pkcs11Module', 'pkcs11Token', 'pkcs11Key', 'pkcs11PinFile'],
} as const;

/** @throws KuramoriError CONFIGURATION_INVALID naming what the way to open the vault lacks */
export function assertSealParts(values: {
  readonly [K in keyof typeof VAULT_SETTINGS]: ReturnType<(typeof VAULT_SETTINGS)[K]['read']>;
}): void {
  const missing = SEAL_PARTS[values.seal].filter((part) => values[part] === undefined);
  if (missing.length === 0) return;
  const names = missing.map((part) => VAULT_SETTINGS[part].name).join(', ');
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    `KURAMORI_VAULT_SEAL is ${values.seal}, so these must be given, too: ${names}.`,
  );
}

/** To ask an organization takes a key, its certificate and the authority: all or none. */
function assertOrganizationParts(values: Readonly<Record<string, unknown>>): void {
  const parts = ['organizationKey', 'organizationCertificate', 'organizationCa'] as const;
  const missing = parts.filter((part) => values[part] === undefined);
  if (missing.length === 0 || missing.length === parts.length) return;
  const names = missing.map((part) => VAULT_SETTINGS[part].name).join(', ');
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    `To ask organizations these must be given, too: ${names}.`,
  );
}

function socketPath(value: string): string {
  if (Buffer.byteLength(text(value)) > SOCKET_PATH_BYTES_MAX)
    throw new Error(`must be a path of at most ${SOCKET_PATH_BYTES_MAX} bytes`);
  return value;
}

/** Addresses that may connect. The class of Node is named for the other use; here what it holds is let in. */
function networks(value: string): BlockList {
  const allowed = new BlockList();
  const parts = value.split(',').map((part) => part.trim());
  if (parts.length > VAULT_SOURCES_MAX) throw new Error(`must name at most ${VAULT_SOURCES_MAX} networks`);
  for (const part of parts) addNetwork(allowed, part);
  return allowed;
}

function addNetwork(allowed: BlockList, part: string): void {
  const match = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(part);
  const address = match?.[1] ?? '';
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = Number(match?.[2] ?? bits);
  if (version === 0 || prefix > bits) throw new Error('must be addresses or networks such as 10.1.2.0/24');
  if (prefix === 0) throw new Error('must not let every address in');
  allowed.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
}

function municipalityCode(value: string): string {
  if (!/^\d{6}$/.test(value)) throw new Error('must be the 6 digits of a 全国地方公共団体コード');
  return value;
}

function bodyCode(value: string): string {
  if (!/^\d{16}$/.test(value)) throw new Error('must be the 16 digits of a 機関コード');
  return value;
}

function layoutVersion(value: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(value)) throw new Error('must be year and month, such as 2026-07');
  return value;
}
