import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import {
  getOperationAST,
  GraphQLError,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
  type DocumentNode,
} from 'graphql';
import { BUILT_IN_ROLES, type BuiltInRole } from '../access/roles.js';
import { accessMatrix } from '../gateway/schema/matrix.js';
import { assertWithinLimits } from '../gateway/operation/limits.js';
import { describePlan } from '../gateway/plan/describe.js';
import { buildSchema } from '../gateway/schema/build.js';
import { RESOLVERS } from '../gateway/schema/resolvers.js';
import { listFields } from '../gateway/start.js';
import { configurationReference } from '../config/reference.js';
import { errorTable } from '../kernel/errorTable.js';
import { KuramoriError } from '../kernel/errors.js';
import { TOKENS_MAX } from '../kernel/limits.js';
import { RELEASE_ROOT } from '../kernel/paths.js';

/** Files that are printed from the code, by path in the release. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schema = buildSchema(RESOLVERS);
  return new Map([
    ['schema/gateway.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`],
    ['schema/access-matrix.csv', accessMatrix(schema)],
    ['docs/errors.md', errorTable()],
    ['docs/configuration.md', configurationReference()],
  ]);
}

/** `kuramori schema`, `kuramori plan`. */
export function registerSchemaCommands(program: Command): void {
  const schema = program
    .command('schema')
    .description('the published schema and what else is printed from the code');
  schema.command('print').description('write all generated files').action(writeGenerated);
  schema.command('check').description('fail when a generated file is stale').action(checkGenerated);
  program
    .command('plan <file>')
    .description('show SQL, verdicts and audit entries of an operation')
    .requiredOption('--role <role>', 'role that asks')
    .option('--operation <name>', 'operation of the document, where it has several')
    .option(
      '--variables <json>',
      'variables of one request; else all that the document mentions is asked for',
    )
    .action((file: string, options: PlanOptions) => printPlan(file, options));
}

function writeGenerated(): void {
  for (const [path, content] of generatedFiles()) {
    const file = join(RELEASE_ROOT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    process.stdout.write(`${path}\n`);
  }
}

function checkGenerated(): void {
  const stale = [...generatedFiles()]
    .filter(([path, content]) => current(path) !== content)
    .map(([path]) => path);
  if (stale.length > 0)
    throw new KuramoriError(
      'CONFLICT',
      `These generated files are stale: ${stale.join(', ')}. Run npm run generate.`,
    );
  process.stdout.write('Generated files are as the code prints them.\n');
}

function current(path: string): string {
  try {
    return readFileSync(join(RELEASE_ROOT, path), 'utf8');
  } catch {
    return '';
  }
}

interface PlanOptions {
  readonly role: string;
  readonly operation?: string;
  readonly variables?: string;
}

function printPlan(file: string, options: PlanOptions): void {
  if (!Object.hasOwn(BUILT_IN_ROLES, options.role)) {
    throw new KuramoriError('BAD_INPUT', `The role is not one of ${Object.keys(BUILT_IN_ROLES).join(', ')}.`);
  }
  const schema = buildSchema(RESOLVERS);
  const document = parsed(file);
  const faults = validate(schema, document);
  if (faults.length > 0)
    throw new KuramoriError(
      'BAD_INPUT',
      `The document does not fit the schema: ${faults.map(({ message }) => message).join(' ')}`,
    );
  const operation = getOperationAST(document, options.operation);
  if (!operation)
    throw new KuramoriError(
      'BAD_INPUT',
      options.operation === undefined
        ? 'The document has several operations. Name one of them with --operation.'
        : 'The document has no operation of that name.',
    );
  const variables = options.variables === undefined ? undefined : variablesOf(options.variables);
  assertWithinLimits(document, operation, variables ?? {}, listFields(schema));
  const role = BUILT_IN_ROLES[options.role as BuiltInRole];
  process.stdout.write(describePlan(schema, document, operation, role, variables));
}

/** The operator's own document: he is told what is wrong in it. */
function parsed(file: string): DocumentNode {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new KuramoriError('BAD_INPUT', `The document cannot be read from ${file} (${why}).`, {}, { cause });
  }
  try {
    return parse(source, { maxTokens: TOKENS_MAX });
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const [at] = cause.locations ?? [];
    const place = at ? ` in line ${at.line}, column ${at.column}` : '';
    throw new KuramoriError(
      'BAD_INPUT',
      `The document is not GraphQL${place}: ${cause.message}`,
      {},
      { cause },
    );
  }
}

function variablesOf(json: string): Readonly<Record<string, unknown>> {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    given = undefined;
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new KuramoriError('BAD_INPUT', 'The variables are not an object of JSON, such as {"first": 10}.');
}
