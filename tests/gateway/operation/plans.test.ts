import { parse, type OperationDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../src/access/roles.js';
import { documentHash, PlanCache, type NamedDocument } from '../../../src/gateway/operation/plans.js';
import type { Viewer } from '../../../src/gateway/plan/compile.js';
import { requestValues } from '../../../src/gateway/plan/prepare.js';
import { RESOLVERS } from '../../../src/gateway/schema/resolvers.js';
import { schemaOf } from '../../support/schema.js';

const schema = schemaOf(RESOLVERS);
const LEDGER =
  'query ($no: String!, $first: Int) { addressee(addresseeNo: $no) { levies(first: $first) { nodes { levied } } } }';

function named(text: string): NamedDocument {
  const document = parse(text);
  return {
    document,
    operation: document.definitions[0] as OperationDefinitionNode,
    hash: documentHash(text),
  };
}

function viewer(role: BuiltInRole, further: Partial<Viewer> = {}): Viewer {
  return {
    functions: new Set(BUILT_IN_ROLES[role].functions),
    steppedUp: new Set(),
    branchCode: undefined,
    purpose: 'COUNTER',
    ...further,
  };
}

function plan(cache: PlanCache, text: string, of: Viewer, variables: Record<string, unknown> = { no: '1' }) {
  const document = named(text);
  const prepared = cache.prepare(document);
  return cache.query(document, prepared, requestValues(prepared, variables), of);
}

describe('a plan', () => {
  test('is compiled once for all who hold the same functions, whatever they ask about', () => {
    const cache = new PlanCache(schema);
    const first = plan(cache, LEDGER, viewer('counterClerk'));
    expect(plan(cache, LEDGER, viewer('counterClerk'), { no: '2' })).toBe(first);
    expect(cache.size.plans).toBe(1);
  });

  test('is another one when roles, step-up, branch or the arguments given are', () => {
    const cache = new PlanCache(schema);
    const plans = [
      plan(cache, LEDGER, viewer('counterClerk')),
      plan(cache, LEDGER, viewer('auditor')),
      plan(cache, LEDGER, viewer('counterClerk', { steppedUp: new Set(['COUNTER']) })),
      plan(cache, LEDGER, viewer('counterClerk', { branchCode: '01' })),
      plan(cache, LEDGER, viewer('counterClerk'), { no: '1', first: 3 }),
    ];
    expect(new Set(plans).size).toBe(plans.length);
  });

  test('of a caller who has lost a function does not show what it showed', () => {
    const cache = new PlanCache(schema);
    const holds = viewer('counterClerk');
    const lost = {
      ...holds,
      functions: new Set([...holds.functions].filter((each) => each !== 'ledger:read')),
    };
    expect(plan(cache, LEDGER, holds).statement?.text).toContain('levy_line');
    expect(plan(cache, LEDGER, lost).statement?.text).not.toContain('levy_line');
  });
});

describe('what is kept', () => {
  const aliased = (at: number) => `query ($no: String!) { a${at}: addressee(addresseeNo: $no) { name } }`;

  test('is bounded in plans: the longest unused goes first and is compiled again alike', () => {
    const cache = new PlanCache(schema, { entries: 10, chars: 1_000_000 });
    const first = plan(cache, aliased(0), viewer('counterClerk'));
    for (let at = 1; at <= 50; at += 1) plan(cache, aliased(at), viewer('counterClerk'));
    expect(cache.size.plans).toBe(10);
    const again = plan(cache, aliased(0), viewer('counterClerk'));
    expect(again).not.toBe(first);
    expect(again.statement?.text).toBe(first.statement?.text);
  });

  test('is bounded in characters', () => {
    const cache = new PlanCache(schema, { entries: 1_000, chars: 20_000 });
    for (let at = 0; at < 100; at += 1) plan(cache, aliased(at), viewer('counterClerk'));
    expect(cache.size.chars).toBeLessThanOrEqual(20_000);
    expect(cache.size.plans).toBeGreaterThan(0);
  });
});
