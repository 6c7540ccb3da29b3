import type { Linkage } from '../support/linkage.js';
import type { Stand } from '../support/stand.js';

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
  run(scene: Scene): Promise<void>;
}

/** A case, written in one line. */
export function one(no: number, title: string, run: Case['run']): Case {
  return { no, title, run };
}
