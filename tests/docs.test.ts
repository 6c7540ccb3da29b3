import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import { parse, validate } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { BUILT_IN_ROLES, type BuiltInRole } from '../src/access/roles.js';
import { auditUnavailable, type AuditHindrance } from '../src/audit/unavailable.js';
import {
  DEMONSTRATION_DATE_DEFAULT,
  DEMONSTRATION_PEOPLE_DEFAULT,
  DEMONSTRATION_SEED_DEFAULT,
} from '../src/cli/demo.js';
import { COMMANDS } from '../src/cli/commands.js';
import { welcome } from '../src/cli/house/welcome.js';
import { generatedFiles } from '../src/cli/schema.js';
import { STAFF } from '../src/demonstration/staffList.js';
import { resultOf } from '../src/gateway/operation/result.js';
import { RESOLVERS } from '../src/gateway/schema/resolvers.js';
import { demonstrationDatabase, MUNICIPALITY_DAY } from './support/demonstration.js';
import { askerOf, Reader } from './support/read.js';
import { schemaOf } from './support/schema.js';

/** This test reads the documentation as a newcomer does: what it shows is tried, what it names is looked for. */
const READMES = ['README.md', 'README.ja.md'] as const;
const DOCS = [...READMES, 'CONTRIBUTING.md', ...globSync('docs/**/*.md').toSorted()];
const texts = new Map(DOCS.map((file) => [file, readFileSync(file, 'utf8')]));
const schema = schemaOf(RESOLVERS);
const generated = generatedFiles();

interface Block {
  readonly file: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** What stands behind the fence. */
  readonly info: string;
  readonly text: string;
}

const blocks = DOCS.flatMap(blocksOf);
const shown = (language: string) => blocks.filter(({ info }) => info.split(' ')[0] === language);
const nameOf = ({ file, line }: Pick<Block, 'file' | 'line'>) => `${file}:${line}`;

function blocksOf(file: string): Block[] {
  const lines = textOf(file).split('\n');
  const found: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const info = /^```(\S.*)$/.exec(lines[at] ?? '')?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`${file}:${at + 1} opens a block that is never closed`);
    found.push({ file, line: at + 1, info, text: lines.slice(at + 1, end).join('\n') });
    at = end;
  }
  return found;
}

function textOf(file: string): string {
  return texts.get(file) ?? readFileSync(file, 'utf8');
}

function proseOf(file: string): string {
  return textOf(file).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

/** GraphQL documents of a block: the block itself, or the bodies that its curl commands send. */
function documentsOf({ info, text }: Block): string[] {
  if (info.startsWith('graphql')) return [text];
  return [...text.matchAll(/-d '(\{"query".*\})'/g)].map(
    ([, body = '']) => (JSON.parse(body) as { query: string }).query,
  );
}

const documents = [...shown('graphql'), ...shown('sh')].flatMap((block) =>
  documentsOf(block).map((document) => ({ ...block, document, name: nameOf(block) })),
);

describe('commands', () => {
  const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> })
    .scripts;
  const lines = shown('sh').flatMap((block) =>
    block.text.split('\n').map((line) => ({ line, name: nameOf(block) })),
  );
  const ran = lines.flatMap(({ line, name }) => {
    const [, own, run] = /\bnpm (?:(start|test)\b|run (?:-s )?([\w:]+))/.exec(line) ?? [];
    const script = own ?? run;
    return script === undefined ? [] : [{ name, script }];
  });
  const typed = lines.flatMap(({ line, name }) => {
    const [, words] = /npm run -s (kuramori -- [^|)]+|token -- \w+)/.exec(line) ?? [];
    if (words === undefined) return [];
    return [{ name, words: words.replace(/^kuramori -- |(?<=token )-- /g, '').trim() }];
  });

  test('are npm scripts of the project', () => {
    expect(ran.length).toBeGreaterThan(10);
    expect(ran.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  test.each(typed)('$name: kuramori $words is a command with these options', ({ words }) => {
    expect(faultOf(words.split(/\s+/))).toBe('');
  });

  test('the check of commands sees what is wrong with one', () => {
    expect(faultOf(['ledger', 'mend'])).toContain('no command');
    expect(faultOf(['levies', 'load', 'FILE'])).toContain('--as');
    expect(faultOf(['levies', 'load', '--as', 'C1101'])).toContain('arguments');
    expect(faultOf(['levies', 'load', 'FILE', '--as', 'C1101', '--quick'])).toContain('--quick');
  });
});

const registered = await Promise.all(COMMANDS.map(([, load]) => load()));

/** What is wrong with words typed after `kuramori`; nothing when the command line would take them. */
function faultOf(words: readonly string[]): string {
  const program = new Command('kuramori');
  for (const [, name = ''] of readFileSync('src/cli/program.ts', 'utf8').matchAll(/\.command\('(\w+)'/g))
    program.command(name);
  for (const register of registered) register(program);
  const rest = [...words];
  let command = program;
  for (let next; (next = command.commands.find((one) => one.name() === rest[0])); rest.shift())
    command = next;
  if (command === program || (command.commands.length > 0 && rest[0]?.startsWith('-') === false))
    return `there is no command ${words.join(' ')}`;
  const { operands, unknown } = command.exitOverride().parseOptions(rest);
  if (unknown.length > 0) return `unknown ${unknown.join(' ')}`;
  if (operands.length !== command.registeredArguments.length) return `arguments: ${operands.join(' ')}`;
  const missing = command.options.filter(
    (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
  );
  return missing.map(({ long }) => long).join(' ');
}

describe('GraphQL documents', () => {
  test.each(documents)('$name fits the schema', ({ document }) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });

  const answered = documents.flatMap((block) => {
    const next = blocks[blocks.findIndex((other) => nameOf(other) === block.name) + 1];
    if (next?.file !== block.file || next.info !== 'json') return [];
    return [{ ...block, role: roleOf(block), answer: JSON.parse(next.text) as unknown }];
  });

  describe('on the demonstration municipality of npm start', () => {
    let reader: Reader;
    beforeAll(async () => {
      expect(DEMONSTRATION_DATE_DEFAULT).toBe(MUNICIPALITY_DAY);
      const db = await demonstrationDatabase(DEMONSTRATION_PEOPLE_DEFAULT, DEMONSTRATION_SEED_DEFAULT);
      reader = new Reader(schema, db.gateway);
    });

    test('there are some to ask', () => expect(answered.length).toBeGreaterThanOrEqual(3));

    test.each(answered)('$name is answered as shown', async ({ document, role, answer }) => {
      const built = await reader.ask(document, askerOf(role));
      const result = resultOf(built, [], { recordNo: 1n, firstSequence: 1n }, '');
      const errors = result.errors.map((error) => {
        const { auditEntry: _, requestId: __, ...extensions } = error.extensions;
        return { message: error.message, path: error.path, extensions };
      });
      expect({ data: result.data, ...(errors.length > 0 ? { errors } : {}) }).toEqual(answer);
    });
  });
});

/** ```` ```graphql as=ROLE ````, or the role of the person whose token the block fetches. */
function roleOf({ info, text }: Block): BuiltInRole {
  const staffId = /token -- (\w+)/.exec(text)?.[1];
  const role = / as=(\w+)/.exec(info)?.[1] ?? STAFF.find((one) => one.staffId === staffId)?.role ?? '';
  if (!Object.hasOwn(BUILT_IN_ROLES, role)) throw new Error('an answer is shown of a question nobody asked');
  return role as BuiltInRole;
}

describe('what npm start prints', () => {
  const unseen = { password: '', totpSecret: '', totpUri: '' };
  const staff = STAFF.map((one) => ({ ...one, ...unseen, roleTitle: BUILT_IN_ROLES[one.role].title }));
  const printed = welcome('http://127.0.0.1:4000', staff).split('\n');

  test.each(READMES)('is what %s shows', (readme) => {
    const block = blocks.find(({ file, text }) => file === readme && text.includes('is ready.'));
    const lines = block?.text.split('\n').filter((line) => !line.includes('…')) ?? [];
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
  });

  test.each(READMES)('holds the first query of %s', (readme) => {
    const block = blocks.find(
      ({ file, text }) => file === readme && text.includes('kuramori-purpose: COLLECTION'),
    );
    const plain = (text: string) => text.replaceAll(/^\s+/gm, '');
    expect(plain(printed.join('\n'))).toContain(plain(block?.text ?? 'nothing'));
  });
});

describe('what the documentation names', () => {
  const links = DOCS.flatMap(linksOf);
  const exists = (path: string) => existsSync(path) || generated.has(path);

  test('links lead to files', () => {
    expect(links.length).toBeGreaterThan(80);
    expect(links.filter(({ to }) => !exists(to)).map(({ file, to }) => `${file} → ${to}`)).toEqual([]);
  });

  test('links lead to headings', () => {
    const lost = links.filter(({ to, anchor }) => anchor !== undefined && !anchorsOf(to).includes(anchor));
    expect(lost.map(({ file, to, anchor }) => `${file} → ${to}#${anchor}`)).toEqual([]);
  });

  test('a link that is called by a name of the code leads to the file with that name', () => {
    const named = links.filter(({ label, to }) => /^`\w+`$/.test(label) && to.endsWith('.ts'));
    expect(named.length).toBeGreaterThan(50);
    const lost = named.filter(({ label, to }) => {
      const name = label.slice(1, -1);
      return !new RegExp(`\\b(function|class|const|interface|type|async) ${name}\\b`).test(textOf(to));
    });
    expect(lost.map(({ file, label, to }) => `${file}: ${label} is not in ${to}`)).toEqual([]);
  });

  test('names of limits, codes and settings stand in the source', () => {
    const source = globSync('src/**/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const words = DOCS.flatMap((file) =>
      [...proseOf(file).matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=\w+)?`/g)].map(([, word = '']) => ({
        file,
        word,
      })),
    );
    expect(words.length).toBeGreaterThan(30);
    expect(words.filter(({ word }) => !new RegExp(`\\b${word}\\b`).test(source))).toEqual([]);
  });

  test('the runbook that answers name has a section for each hindrance', () => {
    const hindrances = { deadline: 1, queueFull: 1, closed: 1, database: 1 } satisfies Record<
      AuditHindrance,
      1
    >;
    const runbook = String(auditUnavailable('deadline', 'unknown').facts['runbook']);
    for (const hindrance of Object.keys(hindrances)) {
      expect(textOf(runbook)).toContain(`\n## hindrance: ${hindrance}\n`);
    }
  });
});

/** Links to files of the project, as paths from its root. */
function linksOf(file: string) {
  return [...proseOf(file).matchAll(/\[([^\]]*)\]\((?![a-z]+:)([^)\s]+)\)/g)].map(
    ([, label = '', target = '']) => {
      const [path = '', anchor] = target.split('#');
      return { file, label, to: path === '' ? file : relative('.', join(dirname(file), path)), anchor };
    },
  );
}

const inOrder = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function anchorsOf(file: string): string[] {
  return headingsOf(file).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function headingsOf(file: string): { level: number; title: string }[] {
  return [...proseOf(file).matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }));
}

describe('both READMEs', () => {
  const [english, japanese] = READMES;

  test('have the same headings, blocks and links', () => {
    const outline = (file: string) => headingsOf(file).map(({ level }) => level);
    const code = (file: string) =>
      blocks.filter((block) => block.file === file).map(({ info, text }) => ({ info, text }));
    const targets = (file: string) =>
      linksOf(file)
        .map(({ to }) => to.replace(/^README.*/, 'the other'))
        .toSorted(inOrder);
    expect(outline(japanese)).toEqual(outline(english));
    expect(code(japanese)).toEqual(code(english));
    expect(targets(japanese)).toEqual(targets(english));
  });

  test.each([
    [english, /There are (\d+) packages at run time/],
    [japanese, /実行時の依存パッケージは (\d+) 個/],
  ] as const)('%s counts the packages at run time', (readme, count) => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
    expect(Number(count.exec(textOf(readme))?.[1])).toBe(Object.keys(dependencies).length);
  });
});
