import type { FunctionName } from '../../access/functions.js';
import type { Provide } from '../../access/schema/entity.js';

/** Why a field is not shown. */
export type RefusalReason = 'function' | 'stepUp';

/** How one response key is filled from a row, decided when the operation was compiled. */
export type FieldShape =
  | { readonly kind: 'typename'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'leaf';
      readonly key: string;
      readonly coordinate: string;
      readonly slot: number;
      /** Internal enum value → published name. */
      readonly names: ReadonlyMap<unknown, string> | undefined;
      readonly list: boolean;
      readonly nonNull: boolean;
      /** Set when 支援措置 rows show this instead. */
      readonly protectedMask: { readonly value: string | null } | undefined;
    }
  | {
      readonly kind: 'mask';
      readonly key: string;
      readonly coordinate: string;
      readonly value: string | null;
      readonly missing: FunctionName;
    }
  | {
      readonly kind: 'refused';
      readonly key: string;
      readonly coordinate: string;
      readonly missing: FunctionName;
      readonly reason: RefusalReason;
    }
  | {
      readonly kind: 'object';
      readonly key: string;
      readonly coordinate: string;
      readonly slot: number;
      readonly shape: ObjectShape;
    }
  | {
      readonly kind: 'list';
      readonly key: string;
      readonly coordinate: string;
      readonly slot: number;
      readonly shape: ObjectShape;
    }
  | {
      readonly kind: 'connection';
      readonly key: string;
      readonly coordinate: string;
      readonly slot: number;
      readonly shape: ObjectShape;
      readonly wrapper: WrapperShape;
      /** Position of the field's arguments in the request. */
      readonly argumentsIndex: number;
    }
  | {
      readonly kind: 'sealed';
      readonly key: string;
      readonly coordinate: string;
      /** Slot of the vault's reference. */
      readonly slot: number;
      readonly argumentsIndex: number;
    }
  | {
      readonly kind: 'provided';
      readonly key: string;
      readonly coordinate: string;
      readonly provide: Provide;
      readonly recordedAs: 'query' | 'auditRead';
      readonly wrapper: WrapperShape;
      readonly argumentsIndex: number;
    }
  | {
      readonly kind: 'given';
      readonly key: string;
      readonly coordinate: string;
      readonly name: string;
      readonly wrapper: WrapperShape;
    };

/** A field that the vault seals. */
export type SealedShape = Extract<FieldShape, { kind: 'sealed' }>;

/** A field that another part of the system fills. */
export type ProvidedShape = Extract<FieldShape, { kind: 'provided' }>;

/** An object read from one row: a JSON array of slots. */
export interface ObjectShape {
  readonly typeName: string;
  readonly fields: readonly FieldShape[];
  /** Slot of the addressee number the row is about. */
  readonly subjectSlot: number | undefined;
  /** Slot of the 支援措置 state: 0, 1 (caller is named), 2. */
  readonly protectionSlot: number | undefined;
  readonly warns: boolean;
  /** Slot of the key, when cursors were asked for. */
  readonly keySlot: number | undefined;
}

/** Connection, edge, page information, user error: objects that stand for no row of their own. */
export interface WrapperShape {
  readonly typeName: string;
  readonly fields: readonly {
    readonly key: string;
    readonly name: string;
    readonly coordinate: string;
    readonly wrapper: WrapperShape | undefined;
    /** Set where the field is the element itself; several selections of it may differ. */
    readonly element: ObjectShape | undefined;
  }[];
}
