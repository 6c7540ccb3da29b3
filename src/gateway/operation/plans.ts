import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type {
  DocumentNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { Caller } from '../../access/caller.js';
import type { PurposeName } from '../../access/purposes.js';
import { PLAN_CACHE_CHARS_MAX, PLAN_CACHE_ENTRIES_MAX } from '../../kernel/limits.js';
import { compilePayload, compileQuery, type CompiledOperation, type Viewer } from '../plan/compile.js';
import { prepareOperation, type PreparedOperation, type RequestValues } from '../plan/prepare.js';

/** A document with its hash, as audit entries and plans name it. */
export interface NamedDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** SHA-256 of the source text, hexadecimal. */
  readonly hash: string;
}

/** Bounds of a cache of plans. */
export interface PlanCacheLimits {
  readonly entries: number;
  /** Characters of SQL over all plans. */
  readonly chars: number;
}

const PLAN_CACHE_LIMITS: PlanCacheLimits = { entries: PLAN_CACHE_ENTRIES_MAX, chars: PLAN_CACHE_CHARS_MAX };

/**
 * Plans, compiled once per document, arguments present and kind of viewer. The kind of viewer is in the key, so a
 * change of roles never meets a plan made for other roles.
 */
export class PlanCache {
  readonly #schema: GraphQLSchema;
  readonly #prepared: LRUCache<string, PreparedOperation>;
  readonly #compiled: LRUCache<string, CompiledOperation>;

  constructor(schema: GraphQLSchema, limits: PlanCacheLimits = PLAN_CACHE_LIMITS) {
    this.#schema = schema;
    this.#prepared = new LRUCache({ max: limits.entries });
    this.#compiled = new LRUCache({
      max: limits.entries,
      maxSize: limits.chars,
      sizeCalculation: ({ statement }) =>
        1 + (statement ? statement.text.length + statement.gathered.length : 0),
    });
  }

  /** How much is kept. */
  get size(): { readonly plans: number; readonly chars: number } {
    return { plans: this.#compiled.size, chars: this.#compiled.calculatedSize };
  }

  /** The document's places for values. */
  prepare(named: NamedDocument): PreparedOperation {
    const key = `${named.hash}/${named.operation.name?.value ?? ''}`;
    const known = this.#prepared.get(key);
    if (known) return known;
    const prepared = prepareOperation(this.#schema, named.document, named.operation);
    this.#prepared.set(key, prepared);
    return prepared;
  }

  /** The plan of a query for this kind of viewer. */
  query(
    named: NamedDocument,
    prepared: PreparedOperation,
    values: RequestValues,
    viewer: Viewer,
  ): CompiledOperation {
    return this.#compile(named, values, viewer, () => compileQuery(prepared, values, viewer));
  }

  /** The plan of a change's payload for this kind of viewer. */
  payload(
    named: NamedDocument,
    prepared: PreparedOperation,
    values: RequestValues,
    viewer: Viewer,
    payload: { readonly type: GraphQLObjectType; readonly selections: readonly SelectionSetNode[] },
  ): CompiledOperation {
    return this.#compile(named, values, viewer, () =>
      compilePayload(payload.type, payload.selections, prepared, values, viewer),
    );
  }

  #compile(
    named: NamedDocument,
    values: RequestValues,
    viewer: Viewer,
    compile: () => CompiledOperation,
  ): CompiledOperation {
    const key = `${named.hash}/${named.operation.name?.value ?? ''}|${values.signature}|${viewerKey(viewer)}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = compile();
    this.#compiled.set(key, compiled);
    return compiled;
  }
}

const functionKeys = new WeakMap<ReadonlySet<string>, string>();

function viewerKey(viewer: Viewer): string {
  let functions = functionKeys.get(viewer.functions);
  if (functions === undefined) {
    functions = [...viewer.functions].toSorted().join(',');
    functionKeys.set(viewer.functions, functions);
  }
  const steppedUp = viewer.steppedUp.has(viewer.purpose);
  return `${functions}|${steppedUp ? 'stepUp' : ''}|${viewer.branchCode === undefined ? '' : 'branch'}`;
}

/** What of a caller a plan depends on. */
export function viewerOf(caller: Caller, purpose: PurposeName): Viewer {
  return { functions: caller.functions, steppedUp: caller.steppedUp, branchCode: caller.branchCode, purpose };
}

/** The hash by which a document is named in plans, audit entries and the list of trusted documents. */
export function documentHash(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
