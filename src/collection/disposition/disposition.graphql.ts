import { eq, sql } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import {
  addressees,
  delinquencyCases,
  dispositionClaims,
  dispositionEnds,
  dispositions,
  levyLines,
  transferResults,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { DelinquencyCase } from '../delinquency/delinquency.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { TransferResult } from '../transfer/transferResult.graphql.js';
import { ActingBody, AssetClass, DispositionEndKind, DispositionKind } from '../words.graphql.js';

const rule = needs('disposition:read');

const claim = defineEntity('DispositionClaim', dispositionClaims, {
  description: '差押に係る期別. A claim that a disposition covers, with its amount at that time.',
  // Unique only within its disposition: claims are read as a list of one disposition, never as pages.
  key: 'levyId',
});

/** 差押に係る期別. */
@claim.object
export class DispositionClaim {
  @claim.column(() => YenScalar, dispositionClaims.amount, {
    rule,
    description: '処分時の金額',
    nullable: false,
  })
  amount!: bigint;

  @claim.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}

const end = defineEntity('DispositionEnd', dispositionEnds, {
  description: '滞納処分の終了',
  key: 'dispositionId',
});

/** 差押解除・取消・完結. */
@end.object
export class DispositionEnd {
  @end.column(() => DispositionEndKind, dispositionEnds.kind, { rule, description: '区分', nullable: false })
  kind!: string;

  @end.column(() => DateScalar, dispositionEnds.endedOn, { rule, description: '終了日', nullable: false })
  endedOn!: string;

  @end.column(() => String, dispositionEnds.evidence, {
    rule,
    description:
      '証拠. Of an end of the organization that a clerk entered, after it had given the case back.',
  })
  evidence!: string | null;

  @end.column(() => String, dispositionEnds.enteredBy, { rule, description: '入力者. Of such an end.' })
  enteredBy!: string | null;
}

const entity = defineEntity('Disposition', dispositions, {
  description:
    '滞納処分. Seizure, participating seizure, claim for distribution; also those of the organization.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 滞納処分 (handbook 03 §4). Object and third party name employer or branch of a bank: masked for the protected. */
@entity.object
export class Disposition {
  @entity.column(() => ID, dispositions.id, { rule, description: '処分番号', nullable: false })
  id!: string;

  @entity.column(() => DispositionKind, dispositions.kind, { rule, description: '種類', nullable: false })
  kind!: string;

  @entity.column(() => AssetClass, dispositions.assetClass, {
    rule,
    description: '財産の種類',
    nullable: false,
  })
  assetClass!: string;

  @entity.column(() => String, dispositions.object, { rule: rule.protected(), description: '処分の対象' })
  object!: string | null;

  @entity.column(() => String, dispositions.thirdParty, { rule: rule.protected(), description: '第三債務者' })
  thirdParty!: string | null;

  @entity.column(() => DateScalar, dispositions.executedOn, { rule, description: '処分日', nullable: false })
  executedOn!: string;

  @entity.column(() => DateScalar, dispositions.servedOnThirdParty, {
    rule,
    description: '第三債務者への送達日',
  })
  servedOnThirdParty!: string | null;

  @entity.column(() => DateScalar, dispositions.servedOnDebtor, { rule, description: '滞納者への送達日' })
  servedOnDebtor!: string | null;

  @entity.computed(
    () => ActingBody,
    ({ self }) => sql`case when ${self.resultId} is null then 'municipality' else 'organization' end`,
    { rule, description: '処分をした団体', nullable: false },
  )
  madeBy!: string;

  @entity.column(() => String, dispositions.organizationNo, { rule, description: '機構の処分番号' })
  organizationNo!: string | null;

  @entity.column(() => String, dispositions.receiptNo, {
    rule: rule.protected(),
    description: '登記・登録・事件の受付番号',
  })
  receiptNo!: string | null;

  @entity.one(() => TransferResult, transferResults, {
    rule: needs('transfer:read'),
    description: '徴収実績報告. In which the organization reported it; none of the municipality.',
    where: ({ self, row }) => eq(row.id, self.resultId),
  })
  reportedIn!: Maybe<TransferResult>;

  @entity.computed(
    () => Int,
    ({ self }) => sql`(select count(*) from records.disposition_claim c where c.disposition_id = ${self.id})`,
    { rule, description: '期別の件数', nullable: false },
  )
  claimCount!: number;

  @entity.computed(
    () => YenScalar,
    ({ self }) =>
      sql`(select coalesce(sum(c.amount), 0)::bigint from records.disposition_claim c where
        c.disposition_id = ${self.id})`,
    { rule, description: '処分時の金額（計）', nullable: false },
  )
  claimedAmount!: bigint;

  @entity.list(() => DispositionClaim, dispositionClaims, {
    rule,
    description: '処分に係る期別. At most 100; `claimCount` tells of more.',
    where: ({ self, row }) => eq(row.dispositionId, self.id),
    order: (row) => ({ columns: [row.levyId], direction: 'asc' }),
  })
  claims!: readonly DispositionClaim[];

  @entity.one(() => DispositionEnd, dispositionEnds, {
    rule,
    description: '終了. None while it lasts.',
    where: ({ self, row }) => eq(row.dispositionId, self.id),
  })
  end!: Maybe<DispositionEnd>;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.one(() => DelinquencyCase, delinquencyCases, {
    rule: needs('case:read'),
    description: '滞納事案',
    where: ({ self, row }) => eq(row.id, self.caseId),
  })
  delinquencyCase!: Maybe<DelinquencyCase>;
}
