import { analysisEvidence } from '../analysis/evidence.js';
import { breakGlassEvidence } from '../breakGlass/evidence.js';
import type { EvidenceKind } from './kind.js';
import { authorityEvidence } from './kinds/authority.js';
import { deletionEvidence } from './kinds/deletions.js';
import { carryEvidence } from './kinds/carries.js';
import { accessEvidence, signInEvidence, useEvidence } from './kinds/logs.js';
import { incidentEvidence } from './incident/evidence.js';
import { processorEvidence } from './processor/evidence.js';

/** Every evidence that the vault hands out (handbook 11 §2, §4 to §8). A further one is a line here. */
export const EVIDENCE_KINDS = {
  use: useEvidence,
  carry: carryEvidence,
  deletion: deletionEvidence,
  signIn: signInEvidence,
  access: accessEvidence,
  processor: processorEvidence,
  incident: incidentEvidence,
  analysis: analysisEvidence,
  breakGlass: breakGlassEvidence,
  authority: authorityEvidence,
} as const satisfies Record<string, EvidenceKind>;

/** 証跡の種別. */
export type EvidenceKindName = keyof typeof EVIDENCE_KINDS;

/** Their names, for forms and commands. */
export const EVIDENCE_KIND_NAMES = Object.keys(EVIDENCE_KINDS) as [EvidenceKindName, ...EvidenceKindName[]];
