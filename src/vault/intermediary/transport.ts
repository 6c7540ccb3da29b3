/** One request of the adapter protocol (docs/intermediary.md), whatever carries it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a batch, which takes longer and tells more than one message. */
  readonly isLarge?: boolean;
}

/** What the other side said, by a status as HTTP has them. */
export interface Reply {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** `notReached`: surely nothing of the call was received. `noAnswer`: it may have been. */
export type CallOutcome = Reply | 'notReached' | 'noAnswer';

/** How calls get to the intermediary server: over the network, or as files. A vault has one of them. */
export interface Transport {
  /** Carries a call once. Whether one without an answer had its effect is asked afterwards, never guessed. */
  call(call: Call): Promise<CallOutcome>;
  /** Ends it; calls under way end without an answer. */
  close(): void;
}
