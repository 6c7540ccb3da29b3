import { expect, test } from 'vitest';
import { REFUSALS_PERSON_HOUR_RAISED, WATCHED_PEOPLE_MAX } from '../../../src/kernel/limits.js';
import { ForbiddenPurposes } from '../../../src/vault/operation/watch.js';
import { MovingClock } from './support/vault.js';

const HOUR_MS = 60 * 60_000;
const many = (watch: ForbiddenPurposes, personId: string, times: number) =>
  Array.from({ length: times }, () => watch.note(personId));

test('the fifth refused purpose of a person within an hour is one too many, and each after it', () => {
  const clock = new MovingClock();
  const watch = new ForbiddenPurposes(clock);
  expect(many(watch, 'P-1', REFUSALS_PERSON_HOUR_RAISED - 1)).not.toContain(true);
  expect(watch.note('P-2')).toBe(false);
  clock.move(HOUR_MS - 1);
  expect(many(watch, 'P-1', 2)).toEqual([true, true]);
  clock.move(1);
  expect(watch.note('P-1')).toBe(false);
});

test('of too many people who was refused longest ago is forgotten first', () => {
  const watch = new ForbiddenPurposes(new MovingClock());
  for (const person of ['P-old', 'P-new']) many(watch, person, REFUSALS_PERSON_HOUR_RAISED - 1);
  for (let other = 0; other < WATCHED_PEOPLE_MAX - 1; other += 1) watch.note(`O-${other}`);
  expect(watch.note('P-new')).toBe(true);
  expect(watch.note('P-old')).toBe(false);
});
