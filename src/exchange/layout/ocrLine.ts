import { CHECK_DIGIT_METHODS } from './checkDigit.js';
import type { Layout } from './compile.js';
import type { Fault } from './faults.js';
import type { DecodedFields } from './field.js';

/**
 * Reads a line of digits by its layout.
 * @returns undefined when a check digit or a field is wrong: the line says nothing then
 */
export function decodeLine(layout: Layout, line: string): DecodedFields | undefined {
  const faults: Fault[] = [];
  const codec = layout.records.data;
  const fields = codec.decode(codec.cut(line), line, 1, faults);
  return faults.length === 0 ? fields : undefined;
}

/**
 * Writes a line of digits, its check digits computed.
 * @throws KuramoriError BAD_INPUT when a value does not fit
 */
export function encodeLine(layout: Layout, fields: DecodedFields): string {
  const { fields: descriptors } = layout.descriptor.records.data;
  const checks = descriptors.filter(({ checkDigit }) => checkDigit !== undefined);
  const zeros = Object.fromEntries(checks.map(({ name }) => [name, '0']));
  let line = layout.records.data.encode({ ...fields, ...zeros }).join('');
  for (const { at = 1, checkDigit } of checks) {
    const method = CHECK_DIGIT_METHODS[checkDigit?.method as keyof typeof CHECK_DIGIT_METHODS];
    const [from, to] = checkDigit?.over ?? [1, 1];
    line = line.slice(0, at - 1) + String(method(line.slice(from - 1, to))) + line.slice(at);
  }
  return line;
}
