import type { Caller } from '../../../../src/access/caller.js';
import { FUNCTIONS, type FunctionName } from '../../../../src/access/functions.js';
import { isPurpose, type PurposeName } from '../../../../src/access/purposes.js';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../../src/access/roles.js';
import { PURPOSE_OF, type TestGateway } from '../../../support/gateway.js';
import { askerOf, type Asker } from '../../../support/read.js';
import type { Draw } from './draw.js';

/** Somebody who asks over HTTP, with the credential he shows. */
export interface Person {
  readonly asker: Asker;
  readonly authorization: string;
}

const ROLES = Object.keys(BUILT_IN_ROLES) as BuiltInRole[];
const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const BRANCHES = ['01', '02'] as const;

/**
 * Lets people in whom the register does not hold: every role with every purpose, stepped up and not, of a branch, named
 * for a protection, and with functions that no built-in role has together. Everybody else comes in as ever.
 */
export class Door {
  readonly #callers = new Map<string, Caller>();
  readonly #people: readonly (readonly [weight: number, people: readonly Person[]])[];

  /** @param named staff named for protections in force, those named for most first */
  constructor(gateway: TestGateway, named: readonly string[]) {
    const { identity } = gateway;
    const ordinary = identity.authenticate.bind(identity);
    identity.authenticate = (header, terminal, from) => {
      const caller = this.#callers.get(header ?? '');
      return caller ? Promise.resolve(caller) : ordinary(header, terminal, from);
    };
    const everyRole = ROLES.flatMap((role) =>
      BUILT_IN_ROLES[role].purposes.flatMap((purpose) => [
        askerOf(role, {}, purpose),
        askerOf(role, { steppedUp: new Set<PurposeName>() }, purpose),
      ]),
    );
    const bound = BRANCHES.flatMap((branchCode) =>
      (['branchClerk', 'delinquencyOfficer', 'sectionChief'] as const).map((role) =>
        askerOf(role, { branchCode }),
      ),
    );
    const trusted = named.flatMap((actorId) =>
      (['collectionClerk', 'delinquencyOfficer', 'sectionChief'] as const).map((role) =>
        askerOf(role, { actorId }),
      ),
    );
    const most = trusted.filter(({ caller }) => caller.actorId === named[0]);
    const roles = everyRole.map((asker) => this.admit(asker));
    this.#people = [
      [6, roles],
      [2, bound.map((asker) => this.admit(asker))],
      [2, trusted.map((asker) => this.admit(asker))],
      [2, most.map((asker) => this.admit(asker))],
    ];
  }

  /** Everybody of a built-in role with one of its purposes. */
  get everyRole(): readonly Person[] {
    return this.#people[0]?.[1] ?? [];
  }

  /** Anybody. */
  drawn(draw: Draw): Person {
    if (draw.chance(12)) return this.#made(draw);
    const groups = this.#people.flatMap(([weight, people]) =>
      people.length === 0 ? [] : Array.from({ length: weight }, () => people),
    );
    const people = draw.pick(groups);
    const [role] = draw.pick(people).asker.caller.roles;
    return draw.pick(people.filter(({ asker }) => asker.caller.roles[0] === role));
  }

  /** Lets somebody in. */
  admit(asker: Asker): Person {
    const authorization = `Test ${this.#callers.size}`;
    this.#callers.set(authorization, asker.caller);
    return { asker, authorization };
  }

  /** Somebody of a role that no municipality starts with; now and then with a purpose that is not his. */
  #made(draw: Draw): Person {
    const [role, purpose] = [draw.pick(ROLES), draw.pick(BUILT_IN_ROLES[draw.pick(ROLES)].purposes)];
    const held = draw.chance(90) ? [purpose] : [];
    const functions = new Set<FunctionName>(draw.some(FUNCTION_NAMES, 60));
    const change = { functions, purposes: new Set<PurposeName>(held), roles: ['made', role] };
    const place = draw.chance(25) ? { branchCode: draw.pick(BRANCHES) } : {};
    return this.admit(askerOf(role, { ...change, ...place }, purpose));
  }
}

/** All staff of the demonstration, signed in as people sign in. */
export async function signedIn(gateway: TestGateway): Promise<Person[]> {
  return Promise.all(
    gateway.staff.map(async ({ staffId, role }) => {
      const authorization = `Bearer ${await gateway.tokenOf(staffId)}`;
      const caller = await gateway.identity.authenticate(authorization, '');
      const purpose = PURPOSE_OF[role] ?? '';
      if (!isPurpose(purpose)) throw new Error(`no purpose: ${role}`);
      return { authorization, asker: { caller, facts: { requestId: '', purpose, caseRef: undefined } } };
    }),
  );
}
