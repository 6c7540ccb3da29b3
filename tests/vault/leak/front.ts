import type { StaffCredentials } from '../../../src/demonstration/staff.js';
import { CASE, PURPOSE } from '../processes/vault.js';
import { signIn } from '../processes/gateway.js';

/** What a GraphQL answer looks like here. */
export interface Answered {
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  /** Codes of its errors. */
  readonly codes: readonly string[];
  /** Codes of the user errors of its change, if it was one. */
  readonly userCodes: readonly string[];
}

/** The front ends of all staff: what they ask over HTTP, and every byte that they are answered. */
export class Front {
  /** Status lines, headers and bodies. */
  readonly answers: Buffer[] = [];
  readonly #address: string;
  readonly #staff: readonly StaffCredentials[];
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(address: string, staff: readonly StaffCredentials[]) {
    this.#address = address;
    this.#staff = staff;
  }

  /** Asks as the first who holds a role. @param headers in place of the usual; one that is `undefined` is not sent */
  async ask(
    role: string,
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answered> {
    const usual = { 'kuramori-purpose': PURPOSE, 'kuramori-case': CASE };
    const all = { 'content-type': 'application/json', ...usual, ...headers };
    const answer = await fetch(new URL('/graphql', this.#address), {
      method: 'POST',
      headers: {
        ...Object.fromEntries(Object.entries(all).filter((header) => header[1] !== undefined)),
        authorization: `Bearer ${await this.#tokenOf(role)}`,
      } as Record<string, string>,
      body: JSON.stringify({ query, variables }),
    });
    const text = await answer.text();
    this.answers.push(Buffer.from(`${answer.status} ${JSON.stringify([...answer.headers])} ${text}`));
    return read(JSON.parse(text) as GraphqlBody);
  }

  #tokenOf(role: string): Promise<string> {
    const known = this.#tokens.get(role) ?? signIn(this.#address, this.#staff, role);
    this.#tokens.set(role, known);
    return known;
  }
}

interface GraphqlBody {
  readonly data?: Answered['data'];
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

function read({ data, errors = [] }: GraphqlBody): Answered {
  const changes = Object.values(data ?? {}) as ({ userErrors?: readonly { code: string }[] } | null)[];
  return {
    data,
    codes: errors.map(({ extensions }) => extensions.code),
    userCodes: changes.flatMap((change) => (change?.userErrors ?? []).map(({ code }) => code)),
  };
}

/** Does the work, so many pieces at once. */
export async function atOnce(lanes: number, work: readonly (() => Promise<unknown>)[]): Promise<void> {
  const left = [...work];
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
