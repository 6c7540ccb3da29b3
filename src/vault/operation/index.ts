import type { VaultContext } from '../context.js';
import type { RunOperation } from '../http/service.js';
import { runOperation } from './run.js';
import { newWatch } from './watch.js';

/** The operations of a vault (handbook 14 §7, 15 §5). */
export function vaultOperations(context: VaultContext): RunOperation {
  const watch = newWatch(context.clock);
  return (request, service) => runOperation(context, request, service, watch);
}
