import type { Linkage } from '../support/linkage.js';
import type { Stand, TransportName } from '../support/stand.js';

/** What a case has to work with. */
export interface Scene {
  readonly stand: Stand;
  readonly municipality: Linkage;
  readonly neighbour: Linkage;
}

/** A case of the suite: its number never changes its meaning. */
export interface Case {
  readonly no: number;
  readonly title: string;
  /** Of one transport alone: of what it is made of, not of the protocol. */
  readonly only?: TransportName;
  run(scene: Scene): Promise<void>;
}

/** A case of one transport. */
export function only(transport: TransportName, of: Case): Case {
  return { ...of, only: transport };
}

/** A case, written in one line. */
export function one(no: number, title: string, run: Case['run']): Case {
  return { no, title, run };
}
