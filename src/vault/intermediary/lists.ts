import { LIST_FORMS, type ListName, type ListOf } from '../../protocol/intermediary/lists.js';
import type { Transport } from './transport.js';

/** What of a list is asked for, and on whose behalf where there are people in it. */
export interface Look {
  readonly query?: Readonly<Record<string, string>>;
  readonly person?: { readonly personId: string; readonly unit: string };
}

/** What came of it. `refused`: the server does not let the person see it, or knows no such list. */
export type Looked<Name extends ListName> = ListOf<Name> | 'notReached' | 'noAnswer' | 'refused';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a list of the intermediary server. What has not its form is no answer. */
export async function lookAt<Name extends ListName>(
  transport: Pick<Transport, 'call'>,
  name: Name,
  { query = {}, person }: Look,
): Promise<Looked<Name>> {
  const path = `/v1/${name}?${new URLSearchParams(query).toString()}`;
  const headers = person && { 'spi-person': person.personId, 'spi-unit': person.unit };
  const answered = await transport.call({ method: 'GET', path, ...(headers && { headers }) });
  if (typeof answered === 'string') return answered;
  if (answered.status >= 400 && answered.status < 500) return 'refused';
  const read = LIST_FORMS[name].safeParse(parsed(answered.bytes));
  return answered.status === 200 && read.success ? (read.data as ListOf<Name>) : 'noAnswer';
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
}
