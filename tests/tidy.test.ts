import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

/**
 * This test reads the repository (habit 2, 3 of the house; TigerBeetle's tidy). Generated files and migrations
 * are not read.
 */
const LINES_PER_FILE_MAX = 500;
const LINES_PER_SOURCE_FILE_MEDIAN_MAX = 120;
const LINES_PER_FUNCTION_MAX = 70;
const CHARACTERS_PER_LINE_MAX = 120;

const SELF = 'tests/tidy.test.ts';
const FILES = globSync(['{src,schema,tests,scripts,bench}/**/*.{ts,mjs}', '*.ts'], {
  // Packages of the peers, and what is compiled of them.
  exclude: ['bench/peers/node_modules', 'bench/peers/dist'],
}).toSorted();
const texts = new Map(FILES.map((file) => [file, readFileSync(file, 'utf8')]));
const isSource = (file: string) => /^(src|schema)\//.test(file);

/**
 * What is not called, what to call in its place, and where it is called all the same, with the reason in the name
 * of the file.
 */
const BANNED: readonly { call: RegExp; instead: string; in: RegExp; except?: readonly RegExp[] }[] = [
  {
    call: /\bconsole\.\w+\(/,
    instead: 'process.stdout.write in the command line, the log elsewhere',
    in: /./,
  },
  { call: /\bsimple:\s*true\b/, instead: 'nothing: `simple` switches guards off (lessons 23)', in: /./ },
  {
    call: /\.unsafe[<(]/,
    instead: 'a prepared statement: raw`…`',
    in: /^src\//,
    except: [
      /^src\/kernel\/database\/migrations\.ts$/,
      // The statements of the query builder, which are rendered as well.
      /^src\/kernel\/database\/session\.ts$/,
      /^src\/cli\/house\/database\.ts$/,
      // Statements of plans are rendered, not written; what requests bring is in their places alone.
      /^src\/gateway\/operation\/gather(\.sql)?\.ts$/,
    ],
  },
  {
    // Handed on as a function it is the same clock.
    call: /\bDate\.now\b|\bnew Date\(\)|\bTemporal\.Now\b/,
    instead: 'the Clock that is handed in',
    in: /^(src|schema)\//,
    except: [
      /^src\/kernel\/clock\.ts$/,
      /^src\/cli\//,
      // The client runs on terminals, where nobody hands in a Clock: its default stands in this one file.
      /^src\/client\/clock\.ts$/,
    ],
  },
  { call: /\bMath\.random\(/, instead: 'node:crypto, or the seeded generator of a test', in: /./ },
  {
    call: /\bprocess\.env\b/,
    instead: 'a setting of src/config',
    in: /^src\//,
    except: [/^src\/(config|cli)\//],
  },
  {
    call: /@(Field|Query|Mutation)\(\s*[){]/,
    instead: 'the type stated: @Field(() => Type) (lessons 45)',
    in: /./,
  },
  {
    call: /@Arg\(\s*'[^']*'\s*\)/,
    instead: "the type stated: @Arg('name', () => Type) (lessons 45)",
    in: /./,
  },
  {
    call: /\bafterAll\(/,
    instead: 'afterwards(): called in a test or in beforeAll, afterAll is never run',
    in: /^tests\/.*(?<!\.test)\.ts$/,
    except: [
      /^tests\/support\/(setup|jestGlobals)\.ts$/,
      // Called while its files are read, in a describe of each.
      /^tests\/reference\/intermediary\/conformance\/suite\.ts$/,
    ],
  },
  { call: /\b(TODO|FIXME|XXX|HACK)\b/, instead: 'the work itself, or an issue', in: /./ },
  {
    call: /['"`](\/home|\/work|\/Users)\//,
    instead: 'a path relative to the project or from a setting',
    in: /./,
  },
];

/** Folders of src without tests of their own, each with the reason. */
const TESTED_ELSEWHERE: Record<string, string> = {
  'src/cli/embedded': 'every test that touches data runs on the cluster it starts',
  'src/exchange/layouts': 'data only: the descriptors are run by tests/exchange/layout',
  'src/demonstration/words': 'data only: word lists of the demonstration municipality',
};

describe('every file', () => {
  test(`has at most ${LINES_PER_FILE_MAX} lines`, () => {
    expect(FILES.length).toBeGreaterThan(50);
    expect(
      FILES.map((file) => [file, linesOf(file).length] as const).filter(([, n]) => n > LINES_PER_FILE_MAX),
    ).toEqual([]);
  });

  test(`has lines of at most ${CHARACTERS_PER_LINE_MAX} characters`, () => {
    expect(places((line) => [...line].length > CHARACTERS_PER_LINE_MAX)).toEqual([]);
  });

  test.each(BANNED)('does not say $call, but $instead', ({ call, in: where, except = [] }) => {
    const found = places(
      (line, file) => where.test(file) && !except.some((one) => one.test(file)) && call.test(line),
    );
    expect(found).toEqual([]);
  });
});

describe('sources', () => {
  test(`have a median of at most ${LINES_PER_SOURCE_FILE_MEDIAN_MAX} lines`, () => {
    const counts = FILES.filter(isSource)
      .map((file) => linesOf(file).length)
      .toSorted((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(LINES_PER_SOURCE_FILE_MEDIAN_MAX);
  });

  test(`have functions of at most ${LINES_PER_FUNCTION_MAX} lines`, () => {
    expect(FILES.filter(isSource).flatMap(longFunctions)).toEqual([]);
  });

  test('the measure sees functions of every kind', () => {
    const body = '\n'.repeat(LINES_PER_FUNCTION_MAX);
    for (const code of [
      `function f() {${body}}`,
      `const f = () => {${body}};`,
      `const f = async function () {${body}};`,
      `class C { m() {${body}} }`,
      `class C { constructor() {${body}} }`,
      `const o = { m() {${body}} };`,
    ])
      expect(functionsLongerThan(LINES_PER_FUNCTION_MAX, code)).toEqual([1]);
    expect(functionsLongerThan(LINES_PER_FUNCTION_MAX, `function f() {${body.slice(1)}}`)).toEqual([]);
  });

  test('have tests in the folder that mirrors theirs', () => {
    const folders = new Set(FILES.filter((file) => file.startsWith('src/')).map(dirname));
    const untested = [...folders].filter((folder) => {
      const mirror = folder.replace(/^src/, 'tests');
      return (
        TESTED_ELSEWHERE[folder] === undefined &&
        globSync([`${mirror}/**/*.test.ts`, `${mirror}.test.ts`]).length === 0
      );
    });
    expect(untested).toEqual([]);
    expect(Object.keys(TESTED_ELSEWHERE).filter((folder) => !existsSync(folder))).toEqual([]);
  });
});

describe('packages', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const reasons = readFileSync('docs/dependencies.md', 'utf8');
  const locked = Object.keys(
    (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: object }).packages,
  );

  test('are pinned to one version each', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('each have their reason in docs/dependencies.md, at the version that is installed', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(
      all
        .filter(([name, version]) => !reasons.includes(`| \`${name}\` | ${version} |`))
        .map(([name]) => name),
    ).toEqual([]);
    const told = [...reasons.matchAll(/^\| `([^`]+)` \| \d/gm)].map(([, name]) => name!);
    expect(told.toSorted()).toEqual(all.map(([name]) => name).toSorted());
  });

  test('graphql is installed once: two copies do not recognise each other (lessons 44)', () => {
    expect(locked.filter((path) => path.endsWith('node_modules/graphql'))).toEqual(['node_modules/graphql']);
  });
});

function linesOf(file: string): string[] {
  return texts.get(file)!.trimEnd().split('\n');
}

/** `file:line` of every line that a predicate picks, comments aside; this file names what it forbids. */
function places(picks: (line: string, file: string) => boolean): string[] {
  return FILES.filter((file) => file !== SELF).flatMap((file) =>
    linesOf(file).flatMap((line, at) => (picks(line, file) ? [`${file}:${at + 1}`] : [])),
  );
}

function longFunctions(file: string): string[] {
  return functionsLongerThan(LINES_PER_FUNCTION_MAX, texts.get(file)!).map((line) => `${file}:${line}`);
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
]);

/** First lines of the functions of a text that are longer than allowed. Spans of the parser count bytes from 1. */
function functionsLongerThan(max: number, text: string): number[] {
  const bytes = Buffer.from(text);
  const lineAt = (offset: number) =>
    bytes
      .subarray(0, offset - 1)
      .toString()
      .split('\n').length;
  const found: number[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, span } = node as { type?: string; span?: { start: number; end: number } };
    if (span !== undefined && FUNCTIONS.has(type ?? '') && lineAt(span.end) - lineAt(span.start) + 1 > max)
      found.push(lineAt(span.start));
    Object.values(node).forEach(visit);
  };
  visit(parseSync(text, { syntax: 'typescript', decorators: true, target: 'es2022' }).body);
  return [...new Set(found)];
}
