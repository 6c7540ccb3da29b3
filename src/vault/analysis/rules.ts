import type { FindHits } from './rule.js';
import { approverPairs } from './rules/approverPairs.js';
import { formerStaff, unusedGrants } from './rules/people.js';
import { refusedBursts } from './rules/refusedBursts.js';
import { emptySearches, manyUnits, outOfHours, watched } from './rules/uses.js';
import { volume } from './rules/volume.js';
import { withoutAction } from './rules/withoutAction.js';

interface AnalysisRule {
  /** 規則, in words. */
  readonly title: string;
  /** Raised by one whenever the rule finds something else by the same thresholds. */
  readonly version: number;
  readonly find: FindHits;
}

/** Every rule of handbook 11 §5, in its order. */
export const ANALYSIS_RULES = {
  outOfHours: { title: '業務時間外の利用', version: 1, find: outOfHours },
  watched: { title: '注視対象（世帯員・同僚・著名人）の利用', version: 1, find: watched },
  volume: { title: '件数の急増', version: 1, find: volume },
  withoutAction: { title: '処理のない閲覧', version: 1, find: withoutAction },
  manyUnits: { title: '同一対象の複数所属による利用', version: 1, find: manyUnits },
  refusedBursts: { title: '拒否の集中', version: 1, find: refusedBursts },
  formerStaff: { title: '退職者・異動者の利用', version: 1, find: formerStaff },
  unusedGrants: { title: '未使用の権限', version: 1, find: unusedGrants },
  approverPairs: { title: '承認者と依頼者の固定化', version: 1, find: approverPairs },
  emptySearches: { title: '該当のない番号検索', version: 1, find: emptySearches },
} as const satisfies Record<string, AnalysisRule>;

export type AnalysisRuleName = keyof typeof ANALYSIS_RULES;
export const ANALYSIS_RULE_NAMES = Object.keys(ANALYSIS_RULES) as readonly AnalysisRuleName[];
