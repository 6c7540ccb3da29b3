import type { RowBuilder } from './row.js';
import type { FieldShape, ObjectShape } from './shape.js';

/** A shape that does not know yet whether its row looks at 支援措置. */
type UnsettledShape = ObjectShape & { protectionSlot: number | undefined; warns: boolean };

/**
 * The shapes that are filled from one row: a page's rows may be selected several times. Whether the row looks at
 * 支援措置 is known once all of them are compiled, for any may ask for it, and holds for all.
 */
export class RowShapes {
  readonly #unsettled = new Map<RowBuilder, UnsettledShape[]>();

  /** A shape of a row that other selections may still add to. */
  shape(
    row: RowBuilder,
    typeName: string,
    fields: readonly FieldShape[],
    keySlot: number | undefined,
  ): ObjectShape {
    const subjectSlot = row.subjectSlot();
    const shape = { typeName, fields, subjectSlot, protectionSlot: undefined, warns: false, keySlot };
    this.#unsettled.set(row, [...(this.#unsettled.get(row) ?? []), shape]);
    return shape;
  }

  /** Tells every shape of a row whether its 支援措置 is looked at. Call when no more selections are to come. */
  settle(row: RowBuilder): void {
    const { protectionSlot } = row;
    for (const shape of this.#unsettled.get(row) ?? []) {
      shape.protectionSlot = protectionSlot;
      shape.warns = protectionSlot !== undefined;
    }
  }
}
