import { KuramoriError } from '../kernel/errors.js';

/** Who the vault is at the intermediary server (中間サーバー), and whom it believes. */
export interface IntermediaryIdentity {
  /** Private key, certificate and the one authority that is believed, PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
  /** 機関コード, 16 digits, and the municipality's name as information provision records have it. */
  readonly bodyCode: string;
  readonly bodyName: string;
  readonly systemId: string;
  /** 特定個人情報データ標準レイアウト, such as `2026-07`. */
  readonly layoutVersion: string;
}

/** Over the network. */
export interface IntermediaryHttpSettings extends IntermediaryIdentity {
  /** `https://host:port` */
  readonly url: string;
}

/** By files. */
export interface IntermediaryDropSettings extends IntermediaryIdentity {
  /** Folder with the boxes of the exchange, on a file system of both sides. */
  readonly dropFolder: string;
  /** Public X25519 key (PEM) that files are sealed to. */
  readonly dropKey: string;
}

/** How the vault reaches the intermediary server, in one way, and who it is there. */
export type IntermediarySettings = IntermediaryHttpSettings | IntermediaryDropSettings;

/** The settings as they are read, before it is known whether all are there. */
export interface IntermediaryParts {
  readonly intermediaryUrl: string | undefined;
  readonly intermediaryDropFolder: string | undefined;
  readonly intermediaryDropKey: string | undefined;
  readonly intermediaryKey: string | undefined;
  readonly intermediaryCertificate: string | undefined;
  readonly intermediaryCa: string | undefined;
  readonly intermediaryBodyCode: string | undefined;
  readonly intermediaryBodyName: string | undefined;
  readonly intermediarySystemId: string;
  readonly intermediaryLayout: string | undefined;
}

/**
 * All of the settings, or nothing when no server is named: then no push is taken.
 * @throws KuramoriError CONFIGURATION_INVALID when some are there and others are not, or two ways are named
 */
export function intermediarySettings(parts: IntermediaryParts): IntermediarySettings | undefined {
  const { intermediaryUrl: url, intermediaryDropFolder: dropFolder, intermediaryDropKey: dropKey } = parts;
  const { intermediaryKey: key, intermediaryCertificate: certificate, intermediaryCa: ca } = parts;
  const { intermediaryBodyCode: bodyCode, intermediaryBodyName: bodyName } = parts;
  const needed = { key, certificate, ca, bodyCode, bodyName, layoutVersion: parts.intermediaryLayout };
  if (Object.values({ url, dropFolder, dropKey, ...needed }).every((part) => part === undefined))
    return undefined;
  if (url !== undefined && (dropFolder ?? dropKey) !== undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_VAULT_INTERMEDIARY_URL and KURAMORI_VAULT_INTERMEDIARY_DROP_… are both given. Give one of them: a ' +
        'vault has one way to the intermediary server.',
    );
  }
  const systemId = parts.intermediarySystemId;
  if (isWhole(needed)) {
    if (url !== undefined) return { ...needed, systemId, url };
    if (dropFolder !== undefined && dropKey !== undefined)
      return { ...needed, systemId, dropFolder, dropKey };
  }
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'Some of the settings KURAMORI_VAULT_INTERMEDIARY_… are missing. Give all of them, for the network or for files, ' +
      'or none.',
  );
}

type Needed = Omit<IntermediaryIdentity, 'systemId'>;

function isWhole(parts: Readonly<Record<keyof Needed, string | undefined>>): parts is Needed {
  return Object.values(parts).every((part) => part !== undefined);
}
