import { readFileSync } from 'node:fs';
import { KuramoriError } from '../../kernel/errors.js';
import { documentHash } from '../operation/plans.js';

/** 登録済み文書: documents by front-end application and SHA-256 of their text (handbook 15 §7). */
export type TrustedDocuments = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads the register: a JSON object from application to a list of documents.
 * @throws KuramoriError CONFIGURATION_INVALID when the file is not of that form
 */
export function readTrustedDocuments(file: string): TrustedDocuments {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The file of trusted documents cannot be read as JSON.',
      {},
      { cause },
    );
  }
  if (typeof parsed !== 'object' || parsed === null) throw malformed();
  return new Map(
    Object.entries(parsed).map(([app, documents]) => {
      if (!Array.isArray(documents) || !documents.every((text) => typeof text === 'string'))
        throw malformed();
      return [app, new Map(documents.map((text: string) => [documentHash(text), text]))];
    }),
  );
}

function malformed(): KuramoriError {
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    'The file of trusted documents must map each application to a list of documents.',
  );
}

/**
 * Puts the registered document in the place of its hash.
 * @param body the request's JSON body: `documentId` with variables, never a document
 * @throws KuramoriError DOCUMENT_NOT_TRUSTED when a document is sent, or its hash is not registered for the application
 */
export function trustedBody(documents: TrustedDocuments, clientApp: string, body: unknown): unknown {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const id = given['documentId'];
  const document =
    typeof id === 'string' ? documents.get(clientApp)?.get(id.replace(/^sha256:/, '')) : undefined;
  if (given['query'] !== undefined || document === undefined) {
    throw new KuramoriError(
      'DOCUMENT_NOT_TRUSTED',
      'Only registered documents are accepted here. Send documentId of one registered for your application.',
    );
  }
  const { documentId: _, ...rest } = given;
  return { ...rest, query: document };
}
