import { KuramoriError } from '../kernel/errors.js';

/** How the vault reaches the intermediary server (中間サーバー), and who it is there. */
export interface IntermediarySettings {
  /** `https://host:port` */
  readonly url: string;
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

/** The settings as they are read, before it is known whether all are there. */
export interface IntermediaryParts {
  readonly intermediaryUrl: string | undefined;
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
 * @throws KuramoriError CONFIGURATION_INVALID when some are there and others are not
 */
export function intermediarySettings(parts: IntermediaryParts): IntermediarySettings | undefined {
  const { intermediaryUrl: url, intermediaryKey: key, intermediaryCertificate: certificate } = parts;
  const { intermediaryCa: ca, intermediaryBodyCode: bodyCode } = parts;
  const { intermediaryBodyName: bodyName, intermediaryLayout: layoutVersion } = parts;
  const needed = [url, key, certificate, ca, bodyCode, bodyName, layoutVersion];
  if (needed.every((part) => part === undefined)) return undefined;
  const whole = { url, key, certificate, ca, bodyCode, bodyName, layoutVersion };
  if (isWhole(whole)) return { ...whole, systemId: parts.intermediarySystemId };
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'Some of the settings KURAMORI_VAULT_INTERMEDIARY_… are missing. Give all of them, or none.',
  );
}

function isWhole(
  parts: Readonly<Record<keyof Omit<IntermediarySettings, 'systemId'>, string | undefined>>,
): parts is Omit<IntermediarySettings, 'systemId'> {
  return Object.values(parts).every((part) => part !== undefined);
}
