import { KuramoriError } from '../../kernel/errors.js';

/** Which rule of handbook 10 §4 refused a number, in the order in which the rules are tried. */
export type NumberRule =
  | 'TYPE'
  | 'TOO_LONG'
  | 'INVALID_CHARACTER'
  | 'INVALID_LENGTH'
  | 'INVALID_CHECK_DIGIT'
  | 'PLACEHOLDER';

/** One sentence for all rules: it must tell nothing of what was entered. */
const SENTENCE = 'The individual number is not valid. Compare it with the document and enter it again.';

/**
 * An individual number (個人番号) that was not accepted. `facts` hold the rule and nothing else: neither the input nor
 * its length nor the place of the fault (handbook 10 §4), and no `cause` that could hold them.
 */
export class NumberRefusal extends KuramoriError {
  readonly rule: NumberRule;

  constructor(rule: NumberRule) {
    super('BAD_INPUT', SENTENCE, { rule });
    this.rule = rule;
  }
}
