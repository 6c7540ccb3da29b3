import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Int, Resolver } from 'type-graphql';
import {
  addressees,
  changes,
  pushRequests,
  pushSignatures,
  pushStandings,
  pushStates,
  refunds,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import type { Maybe } from '../../access/schema/reading.js';
import { KuramoriError } from '../../kernel/errors.js';
import { DateTimeScalar } from '../../kernel/graphql/scalars.js';
import { isUuidV7 } from '../../kernel/uuid.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { Refund } from '../refund/refund.graphql.js';
import { PushProcedure, PushState } from '../words.graphql.js';

const rule = needs('push:read');

/** A field that every row has, for everybody who may read pushes. */
const always = (description: string) => ({ rule, description, nullable: false });
const maybe = (description: string) => ({ rule, description });

/**
 * The id of a push as it came in an argument, ready to be bound.
 * @throws KuramoriError BAD_INPUT when it is not a UUID of version 7
 */
export function pushKey(id: string): string {
  if (isUuidV7(id)) return id;
  throw new KuramoriError('BAD_INPUT', 'An id of a push is a UUID of version 7, in small letters.', {
    field: 'id',
  });
}

const state = defineEntity('PushStateEntry', pushStates, {
  description: '連携状態の履歴. One state that a push came to.',
  key: 'id',
});

/** 連携状態の履歴. */
@state.object
export class PushStateEntry {
  @state.column(() => PushState, pushStates.state, always('状態'))
  state!: string;

  @state.column(() => DateTimeScalar, pushStates.at, always('日時, by the clock of whoever came to it'))
  at!: string;

  @state.column(() => Int, pushStates.attempt, maybe('送信回数'))
  attempt!: number | null;

  @state.column(() => String, pushStates.reason, maybe('理由コード'))
  reason!: string | null;

  @state.column(() => String, pushStates.cancelReason, maybe('取消理由'))
  cancelReason!: string | null;

  @state.column(() => String, pushStates.receiptDigest, maybe('受領証のダイジェスト'))
  receiptDigest!: string | null;

  @state.column(() => DateTimeScalar, pushStates.nextAttemptAt, maybe('次回送信日時'))
  nextAttemptAt!: string | null;

  @state.column(() => DateTimeScalar, pushStates.recordedAt, always('記録日時'))
  recordedAt!: string;
}

const signature = defineEntity('PushSignature', pushSignatures, {
  description: '署名. That a terminal signed, not what it signed.',
  key: 'id',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof pushSignatures>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 署名. */
@signature.object
export class PushSignature {
  @signature.column(() => String, changes.actorId, always('依頼者'))
  requestedBy!: string;

  @signature.column(() => DateTimeScalar, changes.at, always('受付日時'))
  receivedAt!: string;

  @signature.column(() => DateTimeScalar, pushSignatures.validUntil, always('有効期限（含まない）'))
  validUntil!: string;
}

const entity = defineEntity('PushRequest', pushRequests, {
  description:
    '中間サーバーへの連携依頼. What was asked for and what became of it; what is sent and received stays in the vault.',
  key: 'pushRequestId',
  subject: 'addresseeNo',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof pushRequests>, change: Columns<typeof changes>) => eq(change.id, row.changeId),
    },
    {
      table: pushStandings,
      on: (row: Columns<typeof pushRequests>, standing: Columns<typeof pushStandings>) =>
        eq(standing.pushRequestId, row.pushRequestId),
    },
  ],
});

/** 中間サーバーへの連携依頼 (handbook 12 §4, §7). */
@entity.object
export class PushRequest {
  @entity.column(() => ID, pushRequests.pushRequestId, always('連携依頼番号（UUIDv7）'))
  id!: string;

  @entity.column(() => PushProcedure, pushRequests.procedure, always('手続'))
  procedure!: string;

  @entity.column(() => PushState, pushStandings.state, always('状態'))
  state!: string;

  @entity.column(() => DateTimeScalar, pushStandings.at, always('状態の日時'))
  stateAt!: string;

  @entity.column(() => Int, pushStandings.attempt, maybe('送信回数. Null until the vault tells.'))
  attempt!: number | null;

  @entity.column(
    () => String,
    pushStandings.reason,
    maybe(
      '理由コード: why it is in its state; the outcome of the intermediary server, or the vault’s refusal.',
    ),
  )
  reason!: string | null;

  @entity.column(
    () => String,
    pushStandings.cancelReason,
    maybe('取消理由. Of a cancelled push, in the words of whoever cancelled it.'),
  )
  cancelReason!: string | null;

  @entity.column(
    () => String,
    pushStandings.receiptDigest,
    maybe('受領証のダイジェスト. The receipt itself stays in the vault.'),
  )
  receiptDigest!: string | null;

  @entity.column(() => DateTimeScalar, pushStandings.nextAttemptAt, maybe('次回送信日時'))
  nextAttemptAt!: string | null;

  @entity.column(() => String, pushRequests.consentId, maybe('同意番号 of the vault'))
  consentId!: string | null;

  @entity.column(() => String, changes.actorId, always('依頼者'))
  requestedBy!: string;

  @entity.column(() => DateTimeScalar, changes.at, always('依頼日時'))
  requestedAt!: string;

  @entity.column(() => String, changes.caseRef, maybe('事案'))
  caseRef!: string | null;

  @entity.list(() => PushStateEntry, pushStates, {
    rule,
    description: '状態の履歴, oldest first, at most 100',
    where: ({ self, row }) => eq(row.pushRequestId, self.pushRequestId),
    order: (row) => ({ columns: [row.recordedAt, row.id], direction: 'asc' }),
  })
  states!: readonly PushStateEntry[];

  @entity.list(() => PushSignature, pushSignatures, {
    rule,
    description: '署名, newest first, at most 100',
    where: ({ self, row }) => eq(row.pushRequestId, self.pushRequestId),
    order: (row) => ({ columns: [row.validUntil, row.id], direction: 'desc' }),
  })
  signatures!: readonly PushSignature[];

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '対象者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.one(() => Refund, refunds, {
    rule: needs('refund:read'),
    description: '還付, whose account was inquired',
    where: ({ self, row }) => eq(row.id, self.refundId),
  })
  refund!: Maybe<Refund>;
}

/** 連携依頼検索条件. */
@InputType({ description: '連携依頼検索条件. All conditions given must hold.' })
export class PushRequestFilter {
  @Field(() => PushState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => PushProcedure, { nullable: true, description: '手続' })
  procedure?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;
}

/** The state is that of the standing, which an index leads to. */
function isIn(row: Columns<typeof pushRequests>, wanted: SQL): SQL {
  return sql`exists (select from ${pushStandings}
    where ${pushStandings.pushRequestId} = ${row.pushRequestId} and ${pushStandings.state} = ${wanted})`;
}

@Resolver()
export class PushQueries {
  @QueryOne<typeof pushRequests, { id: string }>(() => PushRequest, pushRequests, {
    rule,
    description: '連携依頼照会',
    args: { id: { type: () => ID, description: '連携依頼番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.pushRequestId, args.id.map(pushKey)),
  })
  pushRequest!: Maybe<PushRequest>;

  @QueryMany<typeof pushRequests, { filter?: PushRequestFilter }>(() => PushRequest, pushRequests, {
    rule,
    description: '連携依頼一覧, newest first',
    args: { filter: { type: () => PushRequestFilter, description: '条件' } },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.state && isIn(row, filter.state.value),
        filter?.procedure && eq(row.procedure, filter.procedure.value),
        filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
      ),
    order: (row) => ({ columns: [row.pushRequestId], direction: 'desc' }),
  })
  pushRequests!: Connection<PushRequest>;
}
