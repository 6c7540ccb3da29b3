import { Agent } from 'node:https';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { TlsPem } from '../../config/tlsFiles.js';
import { KuramoriError } from '../../kernel/errors.js';
import { VAULT_CLIENT_CONNECTIONS_MAX, VAULT_CLIENT_IDLE_MS_MAX } from '../../kernel/limits.js';
import { serviceOf } from './service.js';

/** Connections to the vault: TLS 1.3 alone, no session taken up again, and nobody but the vault at the other end. */
export function vaultAgent({ ca, key, certificate }: TlsPem): Agent {
  return new Agent({
    keepAlive: true,
    maxSockets: VAULT_CLIENT_CONNECTIONS_MAX,
    timeout: VAULT_CLIENT_IDLE_MS_MAX,
    minVersion: 'TLSv1.3',
    ca: [ca],
    key,
    cert: certificate,
    checkServerIdentity: isVault,
    maxCachedSessions: 0,
  });
}

/** @throws KuramoriError CONFIGURATION_INVALID */
export function httpsUrl(url: string): URL {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return new URL(url);
  throw new KuramoriError('CONFIGURATION_INVALID', 'The address of the vault must begin with https://.');
}

/** Another service of the municipality has a certificate of the same authority: it must not pass for the vault. */
function isVault(host: string, certificate: PeerCertificate): Error | undefined {
  const wrongHost = checkServerIdentity(host, certificate);
  if (wrongHost) return wrongHost;
  return serviceOf(certificate.subjectaltname) === 'vault' ? undefined : new Error('not the vault');
}
