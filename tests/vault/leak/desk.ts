import {
  newTerminalKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
  type OperationContext,
  type RevealRequest,
  type SignedOperation,
  type VaultKeys,
} from '../../../src/client/index.js';
import { MUNICIPALITY, type VaultPerson, type VaultProcess } from '../processes/vault.js';
import type { Answered, Front } from './front.js';

const HANDLER = 'numberHandler';

const REGISTER = `mutation Register($input: RegisterIndividualNumberInput!) {
  registerIndividualNumber(input: $input) {
    addressee { addresseeNo individualNumber { mask ref } } userErrors { code field }
  }
}`;
const STEP_UP = `query StepUp($assertion: String!, $factor: String!) {
  vaultStepUp(assertion: $assertion, factor: $factor) { stepUp until }
}`;
const REVEAL = `query Reveal($no: String!, $assertion: String!, $readerKey: String!) {
  addressee(addresseeNo: $no) { name individualNumber { mask sealed(assertion: $assertion, readerKey: $readerKey) } }
}`;
const SEARCH = `query Search($assertion: String!, $number: String!) {
  addresseeOfNumber(assertion: $assertion, number: $number) { addresseeNo }
}`;

type Headers = Readonly<Record<string, string | undefined>>;

/** A desk where numbers are handled: a terminal with its key, and what is asked of the gateway from there. */
export class Desk {
  readonly person: VaultPerson;
  readonly #front: Front;
  readonly #vault: VaultProcess;
  /** Of the vault, verified. */
  readonly keys: VaultKeys;
  #changes = 0;

  private constructor(front: Front, vault: VaultProcess, person: VaultPerson, keys: VaultKeys) {
    [this.#front, this.#vault, this.person, this.keys] = [front, vault, person, keys];
  }

  /** Fetches the vault’s keys by the gateway, and verifies them. */
  static async open(front: Front, vault: VaultProcess, person: VaultPerson): Promise<Desk> {
    const { data } = await front.ask(HANDLER, '{ vaultKeys { published } }');
    const { published } = data!['vaultKeys'] as { published: string };
    const { signed } = JSON.parse(published) as { signed: string };
    const keys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
    return new Desk(front, vault, person, keys);
  }

  /** A registration, signed. */
  registration(number: string, context: Partial<OperationContext> = {}): Promise<SignedOperation> {
    return registerRequest(this.person.key, { ...this.#context(context), number });
  }

  search(number: string, context: Partial<OperationContext> = {}): Promise<SignedOperation> {
    return numberSearchRequest(this.person.key, { ...this.#context(context), number });
  }

  reveal(ref: string, context: Partial<OperationContext> & { stepUp: string }): Promise<RevealRequest> {
    return revealRequest(this.person.key, {
      ...this.#context(context),
      ...context,
      ref,
      anchor: this.#vault.anchor,
    });
  }

  /** Signed with a key that nobody has enrolled. */
  async forgedReveal(ref: string, stepUp: string): Promise<RevealRequest> {
    const details = { ...this.#context({}), ref, stepUp, anchor: this.#vault.anchor };
    return revealRequest(await newTerminalKey(), details);
  }

  async stepUp(totp = this.person.nextCode()): Promise<{ answered: Answered; request: SignedOperation }> {
    const request = await stepUpRequest(this.person.key, { ...this.#context({}), totp });
    return { answered: await this.sendStepUp(request), request };
  }

  sendStepUp({ assertion, body }: SignedOperation): Promise<Answered> {
    return this.#front.ask(HANDLER, STEP_UP, { assertion, factor: body['factor'] });
  }

  sendRegistration(
    addresseeNo: string,
    { assertion, body }: SignedOperation,
    headers: Headers = {},
  ): Promise<Answered> {
    const idempotencyKey = `register-${(this.#changes += 1)}`;
    const input = { idempotencyKey, addresseeNo, assertion, number: body['number'] };
    return this.#front.ask(HANDLER, REGISTER, { input }, headers);
  }

  sendSearch({ assertion, body }: SignedOperation, headers: Headers = {}): Promise<Answered> {
    return this.#front.ask(HANDLER, SEARCH, { assertion, number: body['number'] }, headers);
  }

  sendReveal(no: string, { assertion, body }: SignedOperation, headers: Headers = {}): Promise<Answered> {
    return this.#front.ask(
      HANDLER,
      REVEAL,
      { no, assertion, readerKey: JSON.stringify(body['readerKey']) },
      headers,
    );
  }

  #context(own: Partial<OperationContext>) {
    return { ...this.person.context, ...own, vaultKeys: this.keys };
  }
}

/** The sealed number of an answer. */
export function sealedIn({ data }: Answered): string {
  return (data as { addressee: { individualNumber: { sealed: string } } }).addressee.individualNumber.sealed;
}

/** The reference of an answer. */
export function refIn({ data }: Answered): string {
  const change = (data as { registerIndividualNumber: { addressee: { individualNumber: { ref: string } } } })
    .registerIndividualNumber;
  return change.addressee.individualNumber.ref;
}
