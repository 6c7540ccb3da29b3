import type { AuditDecision } from '../../audit/record.js';
import type { FieldShape, ObjectShape, ProvidedShape, WrapperShape } from './shape.js';

/** Where the rows and subjects of a coordinate come from. */
export type Source =
  /** The objects the field was asked on. */
  | { readonly of: 'object'; readonly shape: ObjectShape }
  /** Those and the objects it answered. */
  | { readonly of: 'relation'; readonly parent: ObjectShape; readonly shape: ObjectShape }
  /** What another part of the system brought for this field. */
  | { readonly of: 'provided'; readonly field: ProvidedShape }
  /** The objects on which a protected field was shown, and those on which it was masked (支援措置). */
  | { readonly of: 'open' | 'masked'; readonly shape: ObjectShape };

/** One entry that an operation may leave: a coordinate with a decision, wherever in the operation it stands. */
export interface PlannedEntry {
  readonly coordinate: string;
  readonly decision: AuditDecision;
  readonly reason: string | undefined;
  readonly sources: readonly Source[];
}

/** Why a field was refused, as its entry says it. */
export function refusalReason({ reason, missing }: Extract<FieldShape, { kind: 'refused' }>): string {
  return `${reason}:${missing}`;
}

const known = new WeakMap<ObjectShape, readonly PlannedEntry[]>();

/** The entries a plan may leave, in the order its fields are first met; found once per plan. */
export function plannedEntriesOf(root: ObjectShape): readonly PlannedEntry[] {
  let entries = known.get(root);
  if (entries === undefined) {
    const list = new PlannedEntries();
    list.object(root);
    entries = list.entries();
    known.set(root, entries);
  }
  return entries;
}

class PlannedEntries {
  readonly #byKey = new Map<string, PlannedEntry & { readonly sources: Source[] }>();

  entries(): readonly PlannedEntry[] {
    return [...this.#byKey.values()];
  }

  object(shape: ObjectShape): void {
    for (const field of shape.fields) this.#field(field, shape);
  }

  #field(field: FieldShape, shape: ObjectShape): void {
    switch (field.kind) {
      case 'typename':
        return;
      case 'mask':
        return this.#add(field.coordinate, 'mask', `function:${field.missing}`, { of: 'object', shape });
      case 'refused':
        return this.#add(field.coordinate, 'refuse', refusalReason(field), { of: 'object', shape });
      case 'sealed':
        return this.#add(field.coordinate, 'allow', undefined, { of: 'object', shape });
      case 'leaf':
        return this.#leaf(field, shape);
      case 'given': {
        const source: Source = { of: 'object', shape };
        this.#add(field.coordinate, 'allow', undefined, source);
        return this.#wrapper(field.wrapper, source);
      }
      case 'provided': {
        const source: Source = { of: 'provided', field };
        this.#add(field.coordinate, 'allow', undefined, source);
        return this.#wrapper(field.wrapper, source);
      }
      case 'object':
      case 'list':
      case 'connection':
        this.#add(field.coordinate, 'allow', undefined, {
          of: 'relation',
          parent: shape,
          shape: field.shape,
        });
        if (field.kind === 'connection') this.#wrapper(field.wrapper, { of: 'object', shape: field.shape });
        return this.object(field.shape);
    }
  }

  #leaf(field: Extract<FieldShape, { kind: 'leaf' }>, shape: ObjectShape): void {
    if (!field.protectedMask) return this.#add(field.coordinate, 'allow', undefined, { of: 'object', shape });
    this.#add(field.coordinate, 'allow', undefined, { of: 'open', shape });
    this.#add(field.coordinate, 'mask', 'protectedPerson', { of: 'masked', shape });
  }

  #wrapper(wrapper: WrapperShape, source: Source): void {
    for (const field of wrapper.fields) {
      if (field.coordinate !== '') this.#add(field.coordinate, 'allow', undefined, source);
      if (field.wrapper) this.#wrapper(field.wrapper, source);
      if (field.element) this.object(field.element);
    }
  }

  #add(coordinate: string, decision: AuditDecision, reason: string | undefined, source: Source): void {
    const key = `${coordinate} ${decision} ${reason ?? ''}`;
    const known = this.#byKey.get(key);
    if (known) known.sources.push(source);
    else this.#byKey.set(key, { coordinate, decision, reason, sources: [source] });
  }
}
