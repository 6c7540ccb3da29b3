import type { GraphQLSchema } from 'graphql';
import { isPurpose } from '../../access/purposes.js';
import { decide, type Rule } from '../../access/rules.js';
import { KuramoriError } from '../../kernel/errors.js';
import { BODY_BYTES_MAX, CARRYING_REQUESTS_MAX } from '../../kernel/limits.js';
import type { GatewayContext } from '../operation/context.js';

/** The rules of the changes that carry what terminals signed. */
export function carryingRules(schema: GraphQLSchema): readonly Rule[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ extensions: { kuramori } }) =>
    kuramori?.kind === 'mutation' && kuramori.carries ? [kuramori.rule] : [],
  );
}

/**
 * Requests over BODY_BYTES_MAX, before their bodies are read. The adversary fills the memory: so only whoever is signed
 * in and may carry something to the vault sends one, one at a time, and CARRYING_REQUESTS_MAX people at once.
 */
export class LongRequests {
  readonly #rules: readonly Rule[];
  readonly #underWay = new Set<string>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /**
   * Lets one in.
   * @returns to be called once it is over, however it ended
   * @throws KuramoriError PAYLOAD_TOO_LARGE for who may carry nothing; TOO_MANY_REQUESTS
   */
  admit({ caller, purpose }: Pick<GatewayContext, 'caller' | 'purpose'>): () => void {
    const mayCarry =
      isPurpose(purpose) &&
      caller.purposes.has(purpose) &&
      this.#rules.some((rule) => decide(rule, caller, purpose).decision === 'allow');
    if (!mayCarry)
      throw new KuramoriError('PAYLOAD_TOO_LARGE', `The body is over the limit of ${BODY_BYTES_MAX} bytes.`);
    const { actorId } = caller;
    if (this.#underWay.has(actorId) || this.#underWay.size >= CARRYING_REQUESTS_MAX)
      throw new KuramoriError(
        'TOO_MANY_REQUESTS',
        `One person sends one request over ${BODY_BYTES_MAX} bytes at a time, and ${CARRYING_REQUESTS_MAX} people do ` +
          'at once. Wait for its answer, then send this one again.',
      );
    this.#underWay.add(actorId);
    return () => void this.#underWay.delete(actorId);
  }
}
