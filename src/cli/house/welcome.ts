import type { StaffCredentials } from '../../demonstration/staff.js';

const FIRST_QUERY =
  '{ addressees(filter: {kana: "サ"}, first: 1) { nodes { addresseeNo name address ' +
  'levies(first: 8) { nodes { fiscalYear taxItem { name } instalmentNo dueOn levied taxOutstanding } } } } }';

/** What is printed once the house is ready. */
export function welcome(
  address: string,
  staff: readonly StaffCredentials[],
  credentials = 'var/demonstration/credentials.json',
): string {
  const width = Math.max(0, ...staff.map(({ role }) => role.length));
  const names = staff.map(
    ({ staffId, role, roleTitle }) => `  ${staffId}  ${role.padEnd(width)}  ${roleTitle}`,
  );
  const body = JSON.stringify({ query: FIRST_QUERY });
  return [
    '',
    'Kuramori (蔵守) is ready.',
    '',
    `  GraphQL   ${address}/graphql`,
    `  sign-in   ${address}/session`,
    '',
    `Sign-in names (passwords and second factors: ${credentials}):`,
    ...names,
    '',
    'A first query, to paste into another terminal in this folder:',
    '',
    `  TOKEN=$(npm run -s token -- ${staff[0]?.staffId ?? 'STAFF'})`,
    `  curl -s ${address}/graphql \\`,
    '    -H "authorization: Bearer $TOKEN" -H "content-type: application/json" -H "kuramori-purpose: COLLECTION" \\',
    `    -d '${body}'`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
