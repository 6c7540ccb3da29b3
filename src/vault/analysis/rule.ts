import type { IsoDate } from '../../kernel/dates.js';
import type { EvidencePeriod } from '../../audit/evidence/period.js';
import { ANALYSIS_NAMED_MAX } from '../../kernel/limits.js';
import type { Grant } from '../grant/grant.js';
import type { Person } from '../staff/person.js';
import type { LogFact } from './fact.js';
import type { Thresholds } from './thresholds.js';
import type { WatchIndex } from './watchList.js';

/** 該当: what a rule found. It names people, references, approvals and entries of the log; never a number. */
export interface Hit {
  /** In Japan. */
  readonly day: IsoDate;
  /** Distinct and sorted, as the units are. */
  readonly people: readonly string[];
  readonly units: readonly string[];
  /** References, approvals, grants or services, the first ANALYSIS_NAMED_MAX of them. */
  readonly about: readonly string[];
  /** 通番 of the first entries. */
  readonly sequences: readonly bigint[];
  /** What was counted, and the count from which on it is a hit. */
  readonly count: number;
  readonly threshold: number;
}

/** A decision of one person about the request of another (承認). */
export interface ApprovalDecision {
  readonly approvalId: string;
  readonly requestedBy: string;
  readonly decidedBy: string;
  /** In Japan. */
  readonly day: IsoDate;
}

/** What the rules look at, read before: none of them reads anything. */
export interface Material {
  /** Both ends included. */
  readonly period: EvidencePeriod;
  /** Of the period, of the days of the baseline before it and of the hours after it, in the order of their time. */
  readonly facts: readonly LogFact[];
  /** The vault's register as it stands when the run is made. */
  readonly people: ReadonlyMap<string, Person>;
  readonly grants: readonly Grant[];
  /** Approvals that were given in the period. */
  readonly decisions: readonly ApprovalDecision[];
  /** 注視対象 that held on a day of the period. */
  readonly watched: WatchIndex;
  /** 祝日. */
  readonly holidays: ReadonlySet<IsoDate>;
}

/** Looks for hits. Pure. */
export type FindHits = (material: Material, thresholds: Thresholds) => readonly Hit[];

/** Facts with at least one among them. */
export type Facts = readonly [LogFact, ...LogFact[]];

/** Facts of the period itself. */
export function inPeriod({ facts, period }: Material): readonly LogFact[] {
  return facts.filter(({ day }) => day >= period.from && day <= period.to);
}

/** Facts that have the same key, in the order of their first. */
export function grouped(facts: readonly LogFact[], keyOf: (fact: LogFact) => string): readonly Facts[] {
  return [...Map.groupBy(facts, keyOf).values()] as unknown as readonly Facts[];
}

/** By person and day; of facts of people who were known. */
export function byPersonAndDay(facts: readonly LogFact[]): readonly Facts[] {
  return grouped(facts, ({ personId, day }) => `${personId} ${day}`);
}

/** The hit that facts of one day make together. @param about the subjects of the facts where nothing else is said */
export function hitOf(
  facts: Facts,
  { count, threshold, about }: Pick<Hit, 'count' | 'threshold'> & Partial<Pick<Hit, 'about'>>,
): Hit {
  return {
    day: facts[0].day,
    people: distinct(facts.flatMap(({ personId }) => personId ?? [])),
    units: distinct(facts.flatMap(({ personId, unit }) => (personId === undefined ? [] : unit))),
    about: (about ?? distinct(facts.flatMap(({ subjects }) => subjects))).slice(0, ANALYSIS_NAMED_MAX),
    sequences: facts.slice(0, ANALYSIS_NAMED_MAX).map(({ sequence }) => sequence),
    count,
    threshold,
  };
}

/** Each once, sorted. */
export function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
