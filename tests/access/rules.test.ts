import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS, STEP_UP_FUNCTIONS, type FunctionName } from '../../src/access/functions.js';
import { isPurpose, PURPOSES, type PurposeName } from '../../src/access/purposes.js';
import { decide, needs, OPEN, RuleBuilder } from '../../src/access/rules.js';
import { onlyRow } from '../../src/access/row.js';

const caller = (functions: FunctionName[], steppedUp: PurposeName[] = []) => ({
  functions: new Set(functions),
  steppedUp: new Set(steppedUp),
});
const names = Object.keys(FUNCTIONS) as FunctionName[];
const purposes = Object.keys(PURPOSES) as PurposeName[];

describe('the decision on a field', () => {
  test('allows who holds the function, masks who holds the lesser one, refuses the rest', () => {
    const rule = needs('addressee:contact').orMasked('addressee:read');
    expect(decide(rule, caller(['addressee:contact']), 'COLLECTION')).toEqual({ decision: 'allow' });
    expect(decide(rule, caller(['addressee:read']), 'COLLECTION')).toEqual({
      decision: 'mask',
      as: 'text',
      missing: 'addressee:contact',
    });
    expect(decide(rule, caller(['ledger:read']), 'COLLECTION')).toEqual({
      decision: 'refuse',
      missing: 'addressee:contact',
      reason: 'function',
    });
    expect(decide(needs('ledger:read'), caller([]), 'COLLECTION')).toEqual({
      decision: 'refuse',
      missing: 'ledger:read',
      reason: 'function',
    });
  });

  test("of one's own session needs no function", () => {
    expect(decide(OPEN, caller([]), 'COLLECTION')).toEqual({ decision: 'allow' });
  });

  test('asks for a step-up for the purpose at hand, not for another', () => {
    const rule = needs('refund:decide');
    expect(decide(rule, caller(['refund:decide']), 'REFUND')).toEqual({
      decision: 'refuse',
      missing: 'refund:decide',
      reason: 'stepUp',
    });
    expect(decide(rule, caller(['refund:decide'], ['COLLECTION']), 'REFUND')).toMatchObject({
      reason: 'stepUp',
    });
    expect(decide(rule, caller(['refund:decide'], ['REFUND']), 'REFUND')).toEqual({ decision: 'allow' });
  });

  test('never allows without the function, nor a step-up function without a step-up', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.subarray(names),
        fc.subarray(purposes),
        fc.constantFrom(...purposes),
        (needed, held, stepped, purpose) => {
          const isAllowed =
            decide(needs(needed).orMasked('addressee:read', 'null'), caller(held, stepped), purpose)
              .decision === 'allow';
          expect(isAllowed).toBe(
            held.includes(needed) && (!STEP_UP_FUNCTIONS.has(needed) || stepped.includes(purpose)),
          );
        },
      ),
    );
  });

  test('a rule in the making leaves the one it came from as it was', () => {
    const bare = needs('addressee:contact');
    const full = bare.orMasked('addressee:read', 'null').protected('null');
    expect({ ...full }).toEqual({
      needs: 'addressee:contact',
      masked: { by: 'addressee:read', as: 'null' },
      protectedBy: 'null',
    });
    expect({ ...bare }).toEqual({ needs: 'addressee:contact' });
    expect({ ...bare.protected() }).toEqual({ needs: 'addressee:contact', protectedBy: 'text' });
    expect(new RuleBuilder({ ...full })).toEqual(full);
  });

  test('a purpose is one of the list, not what every object inherits', () => {
    expect([
      isPurpose('REFUND'),
      isPurpose('constructor'),
      isPurpose('__proto__'),
      isPurpose('refund'),
    ]).toEqual([true, false, false, false]);
  });
});

test('a statement that must give a row and gives none is a defect', () => {
  expect(onlyRow([1, 2])).toBe(1);
  expect(() => onlyRow([undefined])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  expect(() => onlyRow([])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
