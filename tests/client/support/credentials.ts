import type { SoftAuthenticator } from '../../support/authenticator.js';

/** What a page asks of `navigator.credentials`, as far as it is looked at here. */
export interface Wanted {
  readonly publicKey: {
    readonly challenge: ArrayBuffer | Uint8Array;
    readonly rp?: { readonly id: string; readonly name: string };
    readonly rpId?: string;
    readonly user?: { readonly id: Uint8Array; readonly name: string; readonly displayName: string };
    readonly pubKeyCredParams?: readonly { readonly alg: number }[];
    readonly allowCredentials?: readonly { readonly type: string; readonly id: Uint8Array }[];
    readonly excludeCredentials?: readonly { readonly type: string; readonly id: Uint8Array }[];
    readonly userVerification?: string;
    readonly authenticatorSelection?: object;
    readonly attestation?: string;
    readonly timeout: number;
  };
}

/** Puts an authenticator where a browser has its own. @returns what was asked of it, and how to take it away */
export function plugIn(authenticator: SoftAuthenticator): { readonly asked: Wanted[]; unplug(): void } {
  const asked: Wanted[] = [];
  const bytes = (data: Buffer) => Uint8Array.from(data).buffer;
  place({
    create: async (wanted: Wanted) => {
      asked.push(wanted);
      return {
        rawId: bytes(authenticator.id),
        response: { getAuthenticatorData: () => bytes(authenticator.made()) },
      };
    },
    get: async (wanted: Wanted) => {
      asked.push(wanted);
      const { challenge, allowCredentials = [] } = wanted.publicKey;
      if (!allowCredentials.some(({ id }) => authenticator.id.equals(id))) throw new Error('NotAllowedError');
      const signed = authenticator.get(Buffer.from(challenge as ArrayBuffer));
      return {
        response: Object.fromEntries(
          Object.entries(signed).map(([name, data]) => [name, bytes(data as Buffer)]),
        ),
      };
    },
  });
  return { asked, unplug: () => place(undefined) };
}

/** What stands at `navigator.credentials`. */
export function place(credentials: unknown): void {
  Object.defineProperty(globalThis.navigator, 'credentials', { value: credentials, configurable: true });
}
