import { sql } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { addressees } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';

/** What is shown in place of a number (handbook 10 §5): a constant, for a part of it is by law the number. */
const MASK = '************';

const entity = defineEntity('IndividualNumber', addressees, {
  description: '個人番号. Kept by the vault; nothing of it is here but that there is one.',
  key: 'addresseeNo',
  subject: 'addresseeNo',
});

/** 個人番号 of an addressee, as far as the gateway may know (design §7, handbook 10 §5). */
@entity.object
export class IndividualNumber {
  @entity.computed(() => String, () => sql`${sql.raw(`'${MASK}'::text`)}`, {
    rule: needs('addressee:identity'),
    description: 'マスク. A constant: it tells that a number is registered and nothing else.',
    nullable: false,
  })
  mask!: string;

  @entity.column(() => ID, addressees.vaultRef, {
    rule: needs('number:reveal'),
    description: '保管庫参照. What a terminal names in what it signs.',
  })
  ref!: string | null;

  @entity.sealed(addressees.vaultRef, {
    rule: needs('number:reveal'),
    description:
      '封緘された個人番号 (JWE, ECDH-ES, A256GCM). Only the key that the terminal signed opens it. One in an operation.',
    args: {
      assertion: {
        type: () => String,
        description: '操作認証. Signed on the terminal, serves once, for 60 seconds.',
        required: true,
      },
      readerKey: { type: () => String, description: '閲覧者の公開鍵 (JWK as JSON)', required: true },
    },
  })
  sealed!: string | null;
}
