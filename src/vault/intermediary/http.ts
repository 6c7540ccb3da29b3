import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { IntermediaryHttpSettings } from '../../config/intermediaryLink.js';
import {
  INTERMEDIARY_ANSWER_BYTES_MAX,
  INTERMEDIARY_BATCH_MS_MAX,
  INTERMEDIARY_MESSAGE_BYTES_MAX,
  INTERMEDIARY_STREAMS_MAX,
} from '../../kernel/limits.js';
import { Connection, type ConnectionTimes } from './connection.js';
import type { Call, CallOutcome, Reply, Transport } from './transport.js';

/** Calls over HTTP/2 with both certificates, each a stream of one connection. */
export class IntermediaryHttp implements Transport {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  #underWay = 0;

  /** @param timeoutMs of a call that is not large, from the first byte out to the last one in */
  constructor(settings: IntermediaryHttpSettings, timeoutMs: number, times?: Partial<ConnectionTimes>) {
    this.#connection = new Connection(settings, times);
    this.#timeoutMs = timeoutMs;
  }

  async call(call: Call): Promise<CallOutcome> {
    if (this.#underWay >= INTERMEDIARY_STREAMS_MAX) return 'notReached';
    this.#underWay += 1;
    try {
      return await this.#carried(call);
    } finally {
      this.#underWay -= 1;
    }
  }

  close(): void {
    this.#connection.close();
  }

  #carried(call: Call): Promise<CallOutcome> {
    return new Promise((resolve) => {
      let stream: ClientHttp2Stream | undefined = undefined;
      let isOver = false;
      const end = (outcome: CallOutcome) => {
        clearTimeout(timer);
        isOver = true;
        resolve(outcome);
      };
      const giveUp = () => {
        stream?.close(constants.NGHTTP2_CANCEL);
        end(stream === undefined ? 'notReached' : 'noAnswer');
      };
      const timer = setTimeout(giveUp, call.isLarge === true ? INTERMEDIARY_BATCH_MS_MAX : this.#timeoutMs);
      void this.#connection.session().then((session) => {
        // Who waited has gone: nothing leaves any more.
        if (isOver) return;
        stream = session && begun(session, call);
        if (stream === undefined) return end('notReached');
        const bytesMax = call.isLarge ? INTERMEDIARY_MESSAGE_BYTES_MAX : INTERMEDIARY_ANSWER_BYTES_MAX;
        void read(stream, bytesMax).then((reply) => {
          if (reply !== undefined) this.#connection.heard();
          end(reply ?? 'noAnswer');
        });
      });
    });
  }
}

/** From here on it may have been received, whatever the other side says of the stream afterwards. */
function begun(
  session: ClientHttp2Session,
  { method, path, body, headers }: Call,
): ClientHttp2Stream | undefined {
  const head: OutgoingHttpHeaders = {
    ...headers,
    ':method': method,
    ':path': path,
    accept: 'application/json',
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
  };
  try {
    const stream = session.request(head, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return stream;
  } catch {
    // The session ended meanwhile; the stream was never made.
    return undefined;
  }
}

/** @returns undefined for what broke off, or is over its limit */
function read(stream: ClientHttp2Stream, bytesMax: number): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status: number | undefined;
    let length = 0;
    stream.once('response', (headers) => (status = headers[':status']));
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > bytesMax) stream.close(constants.NGHTTP2_CANCEL);
      else chunks.push(chunk);
    });
    // What is said of an error is not needed: `close` follows, and the code says that it did not end well.
    stream.on('error', () => undefined);
    stream.once('close', () => {
      const isWhole = stream.rstCode === constants.NGHTTP2_NO_ERROR && stream.readableEnded;
      resolve(isWhole && status !== undefined ? { status, bytes: Buffer.concat(chunks) } : undefined);
    });
  });
}
