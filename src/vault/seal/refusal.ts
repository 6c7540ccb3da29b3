import { KuramoriError } from '../../kernel/errors.js';

/** The answer to whatever needs a key while there is none in memory. */
export function vaultSealed(): KuramoriError {
  return new KuramoriError(
    'VAULT_SEALED',
    'The vault is sealed. An operator must open it: kuramori vault open.',
  );
}

/** The one answer to a wrong passphrase, a wrong key and an altered envelope: which of them, nobody learns. */
export function notOpened(): KuramoriError {
  return new KuramoriError(
    'UNAUTHENTICATED',
    'The root key was not recovered with what was given. Check the passphrase or the key service, then try again.',
  );
}
