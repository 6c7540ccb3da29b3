import 'reflect-metadata';
import { isKuramoriError, KuramoriError } from '../src/kernel/errors.js';
import { auditAppend } from './figures/auditAppend.js';
import { gatewayAuditCost } from './figures/gatewayAuditCost.js';
import { gatewayColdStart } from './figures/gatewayColdStart.js';
import { gatewayGrowth } from './figures/gatewayGrowth.js';
import { gatewayInstallSize } from './figures/gatewayInstallSize.js';
import { gatewayLedger } from './figures/gatewayLedger.js';
import { gatewayCases100 } from './figures/gatewayList100.cases.js';
import { gatewayList100 } from './figures/gatewayList100.js';
import { gatewayMix } from './figures/gatewayMix.js';
import { gatewayRss } from './figures/gatewayRss.js';
import { pushRoundtrip } from './figures/pushRoundtrip.js';
import { receiptsLoad } from './figures/receiptsLoad.js';
import { transferPackage } from './figures/transferPackage.js';
import { vaultRegister } from './figures/vaultRegister.js';
import { vaultRegisterSingle } from './figures/vaultRegisterSingle.js';
import { vaultReveal } from './figures/vaultReveal.js';
import { vaultRewrap } from './figures/vaultRewrap.js';
import { progress, writeFigure, type Figure } from './support/figure.js';
import { openBenchHouse, type BenchHouse } from './support/house.js';

/** Every figure by its name, in order: copies of the demonstration are taken before the gateway works on it. */
const FIGURES: Readonly<Record<string, Figure>> = {
  'receipts.load': receiptsLoad,
  'audit.append': auditAppend,
  'gateway.mix': gatewayMix,
  'gateway.ledger': gatewayLedger,
  'gateway.list100': gatewayList100,
  'gateway.cases100': gatewayCases100,
  'gateway.audit_cost': gatewayAuditCost,
  'gateway.cold_start': gatewayColdStart,
  'gateway.rss': gatewayRss,
  'gateway.install_size': gatewayInstallSize,
  'gateway.growth': gatewayGrowth,
  'vault.reveal': vaultReveal,
  'vault.register': vaultRegister,
  'vault.register.single': vaultRegisterSingle,
  'vault.rewrap': vaultRewrap,
  'transfer.package': transferPackage,
  'push.roundtrip': pushRoundtrip,
};
const EXIT_INTERRUPTED = 130;

/** `npm run bench [figure …]`: one JSON line per figure on standard output, progress on standard error. */
async function main(names: readonly string[]): Promise<void> {
  const wanted = chosen(names);
  const stopped = stopSignal();
  // Nobody hears it while the house is being opened; it is met right after.
  stopped.catch(() => undefined);
  const house = await openBenchHouse(process.env);
  try {
    await Promise.race([measure(house, wanted), stopped]);
  } finally {
    await house.close();
  }
}

async function measure(house: BenchHouse, names: readonly string[]): Promise<void> {
  for (const name of names) {
    progress(name);
    for (const line of (await FIGURES[name]?.(house)) ?? []) writeFigure(line);
  }
}

/** @throws KuramoriError BAD_INPUT when a name is not one of a figure */
function chosen(names: readonly string[]): readonly string[] {
  const known = Object.keys(FIGURES);
  if (names.some((name) => !known.includes(name))) {
    throw new KuramoriError('BAD_INPUT', `There is no such figure. Figures: ${known.join(', ')}.`);
  }
  return names.length === 0 ? known : names;
}

/** Rejects at Ctrl-C or SIGTERM; further signals wait for the cleaning up like everybody. */
function stopSignal(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        process.exitCode = EXIT_INTERRUPTED;
        reject(new KuramoriError('TIMEOUT', 'The measurement was stopped.'));
      });
    }
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const told = isKuramoriError(error) ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`bench: ${told}\n`);
  process.exitCode ??= 1;
}
// What was interrupted may still hold connections to a database that is gone.
process.exit();
