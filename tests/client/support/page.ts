/**
 * What a front end does, run in a browser by tests/client/browser.test.ts beside the built client. It says nothing to
 * the test but by what it posts.
 */
import {
  newTerminalKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  signAssertion,
  stepUpRequest,
  verifyPublishedKeys,
  type Anchor,
  type JsonObject,
  type OperationContext,
  type SignedOperation,
  type TerminalKey,
  type TerminalPublicJwk,
} from '../../../src/client/index.js';

/** What the page is given. */
export interface Given {
  readonly context: OperationContext;
  readonly ref: string;
  readonly number: string;
  readonly typed: string;
  readonly anchor: Anchor;
  /** The list of the vault's keys, and one that somebody else made. */
  readonly signed: string;
  readonly swapped: string;
}

/** The same reveal answered rightly, tampered with, for another assertion, and by somebody who is not the vault. */
export interface RevealAnswer {
  readonly jwe: string;
  readonly tampered: string;
  readonly another: string;
  readonly forged: string;
}

/** What it sends of a request. */
export interface Posted {
  readonly assertion: string;
  readonly body: JsonObject;
}

/** What came of it. */
export interface Report {
  readonly agent: string;
  readonly publicJwk: TerminalPublicJwk;
  readonly opened: string;
  readonly refused: Readonly<Record<string, string>>;
  readonly exported: readonly string[];
  readonly kept: Posted;
}

async function post<Answer>(path: string, value: unknown): Promise<Answer> {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(value) });
  return (await answer.json()) as Answer;
}

/** Of the browser's database, what is used here; types for Node know none of it. */
interface Asked<Result> {
  readonly result: Result;
  readonly error: Error;
  addEventListener(event: 'success' | 'error' | 'upgradeneeded', listener: () => void): void;
}

interface KeyStore {
  put(value: TerminalKey, name: string): void;
  get(name: string): Asked<TerminalKey>;
}

interface Keys {
  createObjectStore(name: string): void;
  transaction(name: string, mode: 'readwrite'): { objectStore(name: string): KeyStore };
}

declare const indexedDB: { open(name: string, version: number): Asked<Keys> };

function resultOf<Result>(asked: Asked<Result>): Promise<Result> {
  return new Promise((done, failed) => {
    asked.addEventListener('success', () => done(asked.result));
    asked.addEventListener('error', () => failed(asked.error));
  });
}

/** Puts the key away as a terminal does between two sign-ins, and takes it out again. */
async function throughIndexedDb(key: TerminalKey): Promise<TerminalKey> {
  const opening = indexedDB.open('terminal', 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'));
  const keys = await resultOf(opening);
  const store = keys.transaction('keys', 'readwrite').objectStore('keys');
  store.put(key, 'own');
  return await resultOf(store.get('own'));
}

/** The code of a KuramoriError, or the name of an error of the browser. */
async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'nothing refused';
  } catch (error) {
    const { code, name } = error as { readonly code: unknown; readonly name: string };
    return typeof code === 'string' ? code : name;
  }
}

async function run(): Promise<Report> {
  const { context, ref, number, typed, anchor, signed, swapped } = await post<Given>('/given', null);
  const expected = { municipality: context.municipality };
  const vault = { vaultKeys: await verifyPublishedKeys(signed, anchor, expected) };
  const key = await newTerminalKey();
  const reveal = await revealRequest(key, { ...context, ref, stepUp: 'SU-7', anchor });
  const answer = await post<RevealAnswer>('/reveal', { assertion: reveal.assertion, body: reveal.body });
  const sealed: Readonly<Record<string, Promise<SignedOperation>>> = {
    '/search': numberSearchRequest(key, { ...context, ...vault, number: typed }),
    '/register': registerRequest(key, { ...context, ...vault, number }),
    '/stepUp': stepUpRequest(key, { ...context, ...vault, totp: '287082' }),
  };
  for (const [path, request] of Object.entries(sealed)) await post(path, await request);
  const kept = await throughIndexedDb(key);
  const exporting = (format: 'jwk' | 'pkcs8') => crypto.subtle.exportKey(format as 'pkcs8', kept.privateKey);
  return {
    agent: navigator.userAgent,
    publicJwk: key.publicJwk,
    opened: await reveal.open(answer.jwe),
    refused: {
      tampered: await refusalOf(reveal.open(answer.tampered)),
      another: await refusalOf(reveal.open(answer.another)),
      forged: await refusalOf(reveal.open(answer.forged)),
      swapped: await refusalOf(verifyPublishedKeys(swapped, anchor, expected)),
    },
    exported: [await refusalOf(exporting('jwk')), await refusalOf(exporting('pkcs8'))],
    kept: await signAssertion(kept, { ...context, op: 'hold', ref }, { name: '番号 €' }),
  };
}

await post('/report', await run().catch((error: unknown) => ({ error: (error as Error).stack })));
