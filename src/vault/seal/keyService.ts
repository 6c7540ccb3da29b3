/** What a key service keeps beside the vault: parameters and the root key under something that only it has. */
export type JsonEnvelope = Readonly<Record<string, string | number>>;

/** 鍵サービス: what gives the root key back when the vault is opened. */
export interface KeyService {
  /** Kept with the envelope: one service never reads the envelope of another. */
  readonly name: string;
  /**
   * Puts a root key under what the service keeps.
   * @param rootKey 32 bytes; wiping it stays with the caller
   */
  protect(rootKey: Uint8Array): Promise<JsonEnvelope>;
  /**
   * Gets the root key back. The caller wipes it.
   * @throws KuramoriError INTEGRITY_FAILURE or UNAUTHENTICATED when the secret is wrong or the envelope was altered;
   *   CONFIGURATION_INVALID when the service itself cannot be used
   */
  recover(envelope: JsonEnvelope): Promise<Uint8Array>;
}
