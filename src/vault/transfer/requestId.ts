import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What is done in the course of a request may be many layers under it, and is written down by each. */
const requests = new AsyncLocalStorage<string>();

/**
 * Does what a service asks for under the number by which its own log has the request, so that the entries of both logs
 * are found by one number.
 * @param requestId none where the service told none
 */
export function underRequest<T>(requestId: string | undefined, work: () => T): T {
  return requestId === undefined ? work() : requests.run(requestId, work);
}

/** Number of the request that is being done; one of its own for what nobody asked for. */
export function currentRequestId(): string {
  return requests.getStore() ?? randomUUID();
}
