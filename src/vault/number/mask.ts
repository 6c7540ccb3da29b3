/**
 * What is shown in place of a registered number (handbook 10 §5). A constant: parts of a number, its length or a digest
 * can themselves be the number by law.
 */
export const MASK = '************';
