import { ERROR_CODES } from './errors.js';

/** The documentation's table of error codes. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { status, retry, meaning }]) =>
        `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${meaning} |`,
    );
  return [
    '# Error codes',
    '',
    'Printed from `src/kernel/errors.ts`. Answers carry the code in `extensions.code`; software decides by it, never ' +
      'by',
    'the message. *Retry*: the same request may be sent again unchanged, later.',
    '',
    '| Code | HTTP | Retry | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
