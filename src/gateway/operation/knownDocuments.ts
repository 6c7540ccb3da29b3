import { LRUCache } from 'lru-cache';
import { Kind, type DocumentNode } from 'graphql';
import { KNOWN_DOCUMENTS_BYTES_MAX, KNOWN_DOCUMENTS_MAX } from '../../kernel/limits.js';
import { documentHash, type NamedDocument } from './plans.js';

/** A document of one text: its operations by name, and the one to run when none is named. */
interface KnownDocument {
  readonly byName: ReadonlyMap<string, NamedDocument>;
  readonly only: NamedDocument | undefined;
}

/**
 * Documents that the engine has parsed and found valid against the schema, by their text. A request for one of them
 * need not be parsed and validated again, nor go through the engine at all.
 */
export class KnownDocuments {
  readonly #byText = new LRUCache<string, KnownDocument>({
    max: KNOWN_DOCUMENTS_MAX,
    maxSize: KNOWN_DOCUMENTS_BYTES_MAX,
    sizeCalculation: (_known, text) => Buffer.byteLength(text) + 1,
  });

  /** Keeps a valid document. @returns its operations */
  remember(text: string, document: DocumentNode): KnownDocument {
    const known = this.#byText.get(text);
    if (known) return known;
    const hash = documentHash(text);
    const operations = document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [{ document, operation: definition, hash }] : [],
    );
    const kept = {
      byName: new Map(operations.map((named) => [named.operation.name?.value ?? '', named])),
      only: operations.length === 1 ? operations[0] : undefined,
    };
    this.#byText.set(text, kept);
    return kept;
  }

  /** The operation that a request asks for; undefined when its document is not known or has no such operation. */
  find(text: string, operationName: string | null | undefined): NamedDocument | undefined {
    const known = this.#byText.get(text);
    if (operationName === undefined || operationName === null) return known?.only;
    // An operation without a name is kept under the empty one, but nobody can ask for it by that.
    return operationName === '' ? undefined : known?.byName.get(operationName);
  }
}

/** A request's body as far as a known document needs it. */
export interface KnownRequest {
  readonly named: NamedDocument;
  readonly variables: Readonly<Record<string, unknown>>;
}

const BODY_KEYS = new Set(['query', 'variables', 'operationName']);

/** Reads a body that asks for a known document in the plainest form; anything else is the engine's to judge. */
export function knownRequest(documents: KnownDocuments, body: unknown): KnownRequest | undefined {
  if (!isRecord(body)) return undefined;
  for (const key in body) if (!BODY_KEYS.has(key)) return undefined;
  const { query, variables, operationName } = body;
  if (typeof query !== 'string') return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    return undefined;
  if (variables !== undefined && variables !== null && !isRecord(variables)) return undefined;
  const named = documents.find(query, operationName);
  return named && { named, variables: variables ?? {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
