import { EXPRESSION_STEPS_MAX } from '../../kernel/limits.js';
import { layoutInvalid } from './descriptor.js';
import type { DecodedFields, FieldValue } from './field.js';

/**
 * The expressions of a descriptor (handbook 21 §3): integers, `null`, field names, `+ - *`, comparisons, `&& || !`,
 * `in (…)`. Data, not code: no loops, no calls out, and no more steps than EXPRESSION_STEPS_MAX.
 */
export type Expression = (fields: DecodedFields) => FieldValue | boolean;

const TOKEN = /\s*(?:(\d+)|([a-z][A-Za-z0-9]*)|(==|!=|<=|>=|&&|\|\||[-+*<>!(),]))/y;

/** Binary operators from loosest to tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*'],
];

/**
 * Compiles an expression once for a file.
 * @param known field names that may be read
 * @throws KuramoriError LAYOUT_INVALID when it cannot be read, names an unknown field or has too many steps
 */
export function compileExpression(text: string, known: ReadonlySet<string>): Expression {
  return new Parser(tokens(text), known).whole();
}

/** `count(data)` or `sum(<expression>)` of a trailer total. */
export function compileTotal(text: string, known: ReadonlySet<string>): (fields: DecodedFields) => bigint {
  if (text === 'count(data)') return () => 1n;
  const inner = /^sum\((.+)\)$/.exec(text)?.[1];
  if (inner === undefined) throw layoutInvalid('A total must be count(data) or sum(…).');
  const expression = compileExpression(inner, known);
  return (fields) => {
    const value = expression(fields);
    return typeof value === 'bigint' ? value : 0n;
  };
}

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw layoutInvalid('An expression holds a character that is not of its language.');
    found.push(match[0].trim());
  }
  if (found.length > EXPRESSION_STEPS_MAX) throw layoutInvalid('An expression has more steps than allowed.');
  return found;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #known: ReadonlySet<string>;
  #next = 0;

  constructor(list: readonly string[], known: ReadonlySet<string>) {
    this.#tokens = list;
    this.#known = known;
  }

  whole(): Expression {
    const expression = this.#binary(0);
    if (this.#next < this.#tokens.length) throw layoutInvalid('An expression goes on after its end.');
    return expression;
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#next];
      if (operator === undefined || !operators.includes(operator)) return left;
      this.#next++;
      left = operator === 'in' ? this.#membership(left) : combine(operator, left, this.#binary(level + 1));
    }
  }

  #membership(left: Expression): Expression {
    this.#expect('(');
    const members = [this.#binary(3)];
    while (this.#tokens[this.#next] === ',') {
      this.#next++;
      members.push(this.#binary(3));
    }
    this.#expect(')');
    return (fields) => {
      const value = left(fields);
      return members.some((member) => member(fields) === value);
    };
  }

  #unary(): Expression {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw layoutInvalid('An expression ends too early.');
    if (token === '!') {
      const inner = this.#unary();
      return (fields) => inner(fields) !== true;
    }
    if (token === '-') {
      const inner = this.#unary();
      return (fields) => negate(inner(fields));
    }
    if (token === '(') {
      const inner = this.#binary(0);
      this.#expect(')');
      return inner;
    }
    if (token === 'null') return () => null;
    if (/^\d/.test(token)) return constant(BigInt(token));
    if (!this.#known.has(token))
      throw layoutInvalid('An expression names a field that the record does not have.');
    return (fields) => numeric(fields[token] ?? null);
  }

  #expect(token: string): void {
    if (this.#tokens[this.#next++] !== token)
      throw layoutInvalid('An expression has unbalanced parentheses.');
  }
}

function constant(value: bigint): Expression {
  return () => value;
}

/** Whole numbers of either width compare as one kind. */
function numeric(value: FieldValue): FieldValue {
  return typeof value === 'number' ? BigInt(value) : value;
}

function negate(value: FieldValue | boolean): FieldValue {
  return typeof value === 'bigint' ? -value : null;
}

function combine(operator: string, left: Expression, right: Expression): Expression {
  if (operator === '&&') return (fields) => left(fields) === true && right(fields) === true;
  if (operator === '||') return (fields) => left(fields) === true || right(fields) === true;
  if (operator === '==') return (fields) => left(fields) === right(fields);
  if (operator === '!=') return (fields) => left(fields) !== right(fields);
  return (fields) => {
    const a = left(fields);
    const b = right(fields);
    // What is not known makes a sum unknown and a comparison false.
    return typeof a === 'bigint' && typeof b === 'bigint' ? arithmetic(operator, a, b) : null;
  };
}

function arithmetic(operator: string, a: bigint, b: bigint): bigint | boolean {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}
