import { Field, InputType, ObjectType } from 'type-graphql';
import type { Session } from '../../kernel/database/database.js';
import type { Clock } from '../../kernel/clock.js';
import type { Caller, RequestFacts } from '../caller.js';
import { Structural } from './connection.js';
import type { AssertOwn, CarryToVault } from './entity.js';

/** What a change works with: its transaction, its caller, and the row of `change` it must name. */
export interface ChangeContext {
  readonly tx: Session;
  readonly caller: Caller;
  readonly facts: RequestFacts;
  readonly clock: Clock;
  readonly carry: CarryToVault;
  readonly assertOwn: AssertOwn;
  /** The `change` row of this operation, already written. */
  readonly changeId: bigint;
}

/** What a change answers: the keys of what it changed, by payload field, or what the user must mend. */
export interface ChangeOutcome {
  readonly keys?: Readonly<Record<string, string | bigint>>;
  /** Values shown this once and kept nowhere, by payload field; a repeat of the request answers null for them. */
  readonly given?: Readonly<Record<string, unknown>>;
  readonly userErrors?: readonly UserErrorValue[];
  /** What auditors are alarmed of, though the change stands. */
  readonly raised?: readonly RaisedFinding[];
}

/** Something that is not as it should be, found by a change. */
export interface RaisedFinding {
  /** A word of ours. */
  readonly reason: string;
  /** Addressee numbers. */
  readonly subjects: readonly string[];
}

/** A problem the user can mend. Nothing was changed. */
export interface UserErrorValue {
  readonly code: 'BAD_INPUT' | 'NOT_FOUND' | 'CONFLICT' | 'DUAL_CONTROL_REQUIRED';
  readonly message: string;
  readonly field?: string;
}

/** 入力エラー. */
@ObjectType({ description: '入力エラー. A problem that the user can mend; nothing was changed.' })
export class UserError {
  @Structural(() => String, { description: 'コード' })
  code!: string;

  @Structural(() => String, { description: '説明' })
  message!: string;

  @Structural(() => String, { description: '項目', nullable: true })
  field!: string | null;
}

/** What every change is asked with. */
@InputType({ description: '更新の共通入力' })
export class ChangeInput {
  @Field(() => String, {
    description: '冪等キー. The same key with the same input answers the first outcome again.',
  })
  idempotencyKey!: string;
}
