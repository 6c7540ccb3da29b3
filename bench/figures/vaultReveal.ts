import type { VaultFloorReport } from '../processes/vaultFloor.js';
import type { VaultReport } from '../processes/vaultLoad.js';
import { progress, type FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate } from '../support/rounds.js';
import { clerksFor } from '../support/vaultClerks.js';
import { CALLERS, openVaultScene, speedLines, toldRound, type VaultScene } from '../support/vaultScene.js';

const REGISTERED = 160;
const ROUNDS = 3;
const ROUND_REVEALS = 640;
const WARM_REVEALS = 320;
/** With the gateway before the vault, and without it. */
const PATHS = [
  { figure: 'vault.reveal', to: 'gateway' },
  { figure: 'vault.reveal.service', to: 'vault' },
] as const;

/**
 * 個人番号の閲覧: 16 clerks at a time, each of whom makes a key, signs, asks
 * `addressee { individualNumber { sealed } }`, opens, verifies and compares; gateway, vault and load are processes
 * of their own, between the first two mutual TLS, with both logs on. `vault.reveal.service` asks the vault without
 * the gateway. No budget (開示件数の上限) is raised: each clerk reveals as many as it allows, and there are enough
 * clerks.
 *
 * Floor: in one process, 16 at a time, the bare cryptography of a reveal (verify Ed25519, open the record, sign,
 * seal by ECDH-ES) and the bare insert of as many audit records in the same order, those that come together as
 * one statement. No TLS, no HTTP, no rules, nothing read, nothing done on a terminal.
 */
export async function vaultReveal(house: BenchHouse): Promise<readonly FigureLine[]> {
  const scene = await openVaultScene(
    house,
    clerksFor(PATHS.length * (WARM_REVEALS + ROUNDS * ROUND_REVEALS)),
  );
  await scene.tell({ kind: 'register', subjects: scene.subjects.slice(0, REGISTERED) });
  await scene.tell({ kind: 'stepUp' });
  const lines: FigureLine[] = [];
  for (const { figure, to } of PATHS) {
    progress(`  ${figure}`);
    const { values, floors } = await rounds(scene, to);
    lines.push(...speedLines(figure, 'reveals/s', values, floors));
  }
  await scene.close();
  return lines;
}

async function rounds(scene: VaultScene, to: 'gateway' | 'vault') {
  const reveal = (count: number) => scene.tell({ kind: 'reveal', count, to });
  const floor = (count: number) =>
    scene.floor({ kind: 'reveal', count, callers: CALLERS, gateway: to === 'gateway' });
  await reveal(WARM_REVEALS);
  await floor(WARM_REVEALS);
  const { values, floors } = await alternate<VaultReport | VaultFloorReport>(
    ROUNDS,
    () => reveal(ROUND_REVEALS),
    () => floor(ROUND_REVEALS),
    toldRound,
  );
  return { values: values as readonly VaultReport[], floors };
}
