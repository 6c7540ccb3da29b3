import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { MemoryAnswer } from '../processes/memoryProbe.js';
import type { MixFailure, MixOrder, MixReport, MixSetting } from '../processes/mixLoad.js';
import type { Child } from '../support/children.js';
import { progress, type FigureLine } from '../support/figure.js';
import { MEMORY_FLAGS, memoryOf, startGatewayProcess } from '../support/gateway.js';
import type { BenchHouse } from '../support/house.js';
import { mixMaterial } from '../support/mixMaterial.js';
import { signedInUsers } from '../support/mixStaff.js';
import { percentile } from '../support/rounds.js';

const DATABASE = 'bench_mix';
const CONNECTIONS = 2;
/** Wait of each of the 100 between an answer and the next operation, and how long they are watched. */
const PACES = [
  /** One operation a second, day in, day out: some ten times what a clerk asks. The promise is about this. */
  { name: '', thinkMs: { min: 500, max: 1_500 }, warmMs: 60_000, rounds: 9, promised: true, collects: false },
  /** Three a second: some 310 operations a second, to see what is left when everybody hurries. */
  {
    name: '.dense',
    thinkMs: { min: 200, max: 400 },
    warmMs: 15_000,
    rounds: 9,
    promised: false,
    collects: true,
  },
] as const;
const ROUND_MS = 10_000;
const SPREAD_MAX = 4;
/** Megabytes a minute that the heap after collection may seem to grow by over the last third of the run. */
const HEAP_SLOPE_MAX = 2;
const BYTES_PER_MEGABYTE = 1_000_000;

interface Round {
  readonly latencies: MixReport['latencies'];
  /** After the round. */
  readonly memory: MemoryAnswer;
}

/**
 * 窓口・収納・滞納整理・還付・監査の同時利用: 100 people signed in, each with a session and a connection of their own, who
 * look up, read and change records in the proportions of `MIX`, with time to think. Works on a copy of the
 * demonstration. No answer may hold an error. Between rounds the gateway is asked for its memory. Only at the denser
 * pace, where a leak would show three times as fast, garbage is collected before: a collection that is forced leaves V8
 * with a heap so tight that it collects again every few seconds, which no gateway meets that is left alone.
 * There is no floor: nothing simpler does the same work.
 */
export async function gatewayMix(house: BenchHouse): Promise<readonly FigureLine[]> {
  await house.demonstrationCopy(DATABASE);
  const owner = house.open(DATABASE, 'owner', CONNECTIONS);
  try {
    const { address, child } = await startGatewayProcess(house, DATABASE, { flags: MEMORY_FLAGS });
    const users = await signedInUsers(owner, address);
    progress(`  ${users.length} people enrolled and signed in`);
    const setting: MixSetting = {
      address,
      material: await mixMaterial(
        owner,
        users.map(({ staffId }) => staffId),
      ),
      users,
    };
    const file = join(house.home, 'mix.json');
    writeFileSync(file, JSON.stringify(setting), { mode: 0o600 });
    const load = house.children.start(new URL('../processes/mixLoad.js', import.meta.url), {
      arguments: [file],
    });
    const lines: FigureLine[] = [];
    for (const pace of PACES) lines.push(...(await watched(load, child, pace)));
    await Promise.all([load.stop(), child.stop()]);
    return lines;
  } finally {
    // When the work ended in an error, they are still at it.
    await Promise.all([owner.close(), house.children.stopAll()]);
    await house.drop(DATABASE);
  }
}

/** Everybody works at one pace, round after round. */
async function watched(
  load: Child,
  gateway: Child,
  pace: (typeof PACES)[number],
): Promise<readonly FigureLine[]> {
  const { thinkMs, warmMs, collects } = pace;
  // Every connection plans each kind of operation a few times before it keeps a plan.
  await work(load, { ms: warmMs, thinkMs });
  const start = await memoryOf(gateway, collects ? 'collected' : 'asIs');
  const rounds: Round[] = [];
  for (let round = 1; round <= pace.rounds; round += 1) {
    const { latencies } = await work(load, { ms: ROUND_MS, thinkMs });
    rounds.push({ latencies, memory: await memoryOf(gateway, collects ? 'collected' : 'asIs') });
    progress(`  round ${round} of ${pace.rounds}: ${told(rounds.at(-1))}`);
  }
  const figure = `gateway.mix${pace.name}`;
  const speed = speedLines(figure, rounds, pace.promised);
  return collects ? [...speed, ...memoryLines([start, ...rounds.map(({ memory }) => memory)])] : speed;
}

async function work(load: Child, order: MixOrder): Promise<MixReport> {
  const report = (await load.ask(order)) as MixReport | MixFailure;
  if ('failure' in report) throw new KuramoriError('INTERNAL', report.failure);
  return report;
}

function speedLines(figure: string, rounds: readonly Round[], promised: boolean): readonly FigureLine[] {
  const kinds = byKind(rounds);
  const all = [...kinds.values()].flat();
  const parts = (pick: (latencies: readonly number[]) => number) =>
    Object.fromEntries([...kinds].map(([kind, latencies]) => [kind, pick(latencies)]));
  const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)];
  const seconds = (rounds.length * ROUND_MS) / 1000;
  return [
    {
      figure,
      value: all.length / seconds,
      unit: 'operations/s',
      parts: parts(({ length }) => length / seconds),
    },
    { figure: `${figure}.p50`, value: p50, unit: 'ms', parts: parts((each) => percentile(each, 0.5)) },
    { figure: `${figure}.p99`, value: p99, unit: 'ms', parts: parts((each) => percentile(each, 0.99)) },
    {
      figure: `${figure}.spread`,
      value: p99 / p50,
      unit: 'p99 ÷ p50',
      ...(promised ? { limit: { most: SPREAD_MAX } } : {}),
    },
    // The first error ends the run: a run that ends has none.
    { figure: `${figure}.errors`, value: 0, unit: 'errors', limit: { most: 0 } },
  ];
}

/** Resident memory and heap at the start, in the middle, at the end, and how fast the heap grew over the last third. */
function memoryLines(memories: readonly MemoryAnswer[]): readonly FigureLine[] {
  const megabytes = (pick: (memory: MemoryAnswer) => number) =>
    memories.map((memory) => pick(memory) / BYTES_PER_MEGABYTE);
  const [rss, heap] = [megabytes((memory) => memory.rss), megabytes((memory) => memory.heapUsed)];
  const places = (values: readonly number[]) => ({
    start: values[0] ?? 0,
    middle: values[Math.floor(values.length / 2)] ?? 0,
    end: values.at(-1) ?? 0,
  });
  const lastThird = heap.slice(Math.floor((heap.length * 2) / 3) - 1);
  return [
    { figure: 'gateway.mix.rss', value: rss.at(-1) ?? 0, unit: 'MB', parts: places(rss) },
    { figure: 'gateway.mix.heap', value: heap.at(-1) ?? 0, unit: 'MB', parts: places(heap) },
    {
      figure: 'gateway.mix.heap_slope',
      value: (slope(lastThird) * 60_000) / ROUND_MS,
      unit: 'MB/min',
      limit: { most: HEAP_SLOPE_MAX },
    },
  ];
}

/** Least squares: by how much the values grow from one to the next. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  return above / values.reduce((sum, _value, at) => sum + (at - middle) ** 2, 0);
}

function byKind(rounds: readonly Round[]): ReadonlyMap<string, number[]> {
  const kinds = new Map<string, number[]>();
  for (const { latencies } of rounds) {
    for (const [kind, some] of Object.entries(latencies))
      kinds.set(kind, [...(kinds.get(kind) ?? []), ...some]);
  }
  return new Map([...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function told(round: Round | undefined): string {
  const all = Object.values(round?.latencies ?? {}).flat();
  const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)];
  const rate = (all.length * 1000) / ROUND_MS;
  const heap = (round?.memory.heapUsed ?? 0) / BYTES_PER_MEGABYTE;
  return `${rate.toFixed(0)}/s (p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms), heap ${heap.toFixed(1)} MB`;
}
