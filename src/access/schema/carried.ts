import { KuramoriError } from '../../kernel/errors.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';

/**
 * What an assertion says it is for; that it is signed, the vault checks.
 * @throws KuramoriError BAD_INPUT when a field does not carry that
 */
export function carriedOperation(assertion: string, carried: ReadonlySet<VaultOperation>): VaultOperation {
  try {
    const claims = JSON.parse(
      Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'),
    ) as unknown;
    const asked: ReadonlySet<unknown> = carried;
    if (typeof claims === 'object' && claims !== null && 'op' in claims && asked.has(claims.op))
      return claims.op as VaultOperation;
  } catch {
    // It is no assertion.
  }
  throw new KuramoriError('BAD_INPUT', 'This operation of the vault is not carried by this field.', {
    field: 'assertion',
  });
}

/** The body of an operation as it came in. @throws KuramoriError BAD_INPUT */
export function carriedBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new KuramoriError('BAD_INPUT', 'The body is not JSON. Make it with the client package.', {
      field: 'body',
    });
  }
}
