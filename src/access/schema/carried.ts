import { KuramoriError } from '../../kernel/errors.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';

/**
 * What an assertion says it is for; that it is signed, the vault checks.
 * @throws KuramoriError BAD_INPUT when a field does not carry that
 */
export function carriedOperation(assertion: string, carried: ReadonlySet<VaultOperation>): VaultOperation {
  const { op } = claimsOf(assertion);
  const asked: ReadonlySet<unknown> = carried;
  if (asked.has(op)) return op as VaultOperation;
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

/**
 * 保管庫参照 that an operation was signed for: those of its body, or the one of the assertion. What the vault has carried
 * out was signed for these (handbook 15 §5).
 */
export function carriedRefs(assertion: string, body: unknown): readonly string[] {
  const { refs } = membersOf(body);
  const { ref } = claimsOf(assertion);
  const named: readonly unknown[] = Array.isArray(refs) ? refs : [ref];
  return named.filter((one) => typeof one === 'string');
}

/** Unverified; none of what is no assertion. */
function claimsOf(assertion: string): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
