import { hasValidCheckDigit } from '../../kernel/checkDigit.js';

/** Twelve digits alone, or in three groups of four as people write them. */
const TWELVE_DIGITS = /(?<![0-9A-Za-z])\d{4}[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])/g;
/** Its last group can be twelve digits by chance. */
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Whether an individual number (個人番号) stands anywhere in a message, as a text, a number or the name of a member;
 * full-width digits count. Such a message is a defect of its sender (handbook 12 §2).
 * @param message JSON, bounded by the reader of the request
 */
export function hasIndividualNumber(message: unknown): boolean {
  const open: unknown[] = [message];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string' || typeof value === 'number') {
      if (isFound(String(value))) return true;
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) open.push(name, member);
    }
  }
  return false;
}

function isFound(text: string): boolean {
  const plain = text.normalize('NFKC').replaceAll(UUID, '');
  return [...plain.matchAll(TWELVE_DIGITS)].some(([found]) =>
    hasValidCheckDigit(Buffer.from(found.replaceAll(/\D/g, ''), 'ascii')),
  );
}
