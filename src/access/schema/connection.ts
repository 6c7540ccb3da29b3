import { Extensions, Field, ObjectType } from 'type-graphql';
import type { FieldSpec } from './entity.js';

/** One item of a page with its cursor. */
export interface Edge<T> {
  readonly node: T;
  readonly cursor: string;
}

/** A page of a list in the Relay form; never a total (lessons 1). */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

type Class = abstract new (...args: never[]) => object;

const STRUCTURAL: FieldSpec = { kind: 'structural' };
const connections = new Map<object, new () => object>();
const announced: (() => Class)[] = [];
const names = new WeakMap<object, string>();

/** Notes that pages of a class will be asked for; the class itself may not be defined yet. */
export function announceConnection(element: () => Class): void {
  announced.push(element);
}

/** Makes every announced connection type. To be called once all classes are loaded, before the schema is built. */
export function makeConnections(): void {
  for (const element of announced) connectionOf(element());
}

/** Declares a field of a wrapper type, whose access was decided where the wrapper was asked for. */
export function Structural(
  type: () => unknown,
  options: { description: string; nullable?: boolean },
): PropertyDecorator {
  return (prototype, key) => {
    Field(type as () => never, options)(prototype, key);
    Extensions({ kuramori: STRUCTURAL })(prototype as never, key as never);
  };
}

/** Declares an object type that stands for no row: its fields are all structural. */
Structural.type =
  (name: string, description: string): ClassDecorator =>
  (target) => {
    names.set(target, name);
    ObjectType(name, { description })(target);
  };

/** ページ情報. */
@ObjectType({ description: 'ページ情報. Where a page stands in its list.' })
export class PageInfo {
  @Structural(() => Boolean, { description: '次ページの有無' })
  hasNextPage!: boolean;

  @Structural(() => Boolean, { description: '前ページの有無' })
  hasPreviousPage!: boolean;

  @Structural(() => String, { description: '先頭カーソル', nullable: true })
  startCursor!: string | null;

  @Structural(() => String, { description: '末尾カーソル', nullable: true })
  endCursor!: string | null;
}

/**
 * The connection type of an object type: `nodes` for those who want the rows, `edges` for those who page from the
 * middle. One class per element class, made when first asked for.
 */
export function connectionOf(element: Class): new () => object {
  const name = names.get(element) ?? element.name;
  const known = connections.get(element);
  if (known) return known;

  @ObjectType(`${name}Edge`, { description: `${name} とカーソル` })
  class ElementEdge {
    @Structural(() => element, { description: '項目' })
    node!: object;

    @Structural(() => String, { description: 'カーソル' })
    cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `${name} のページ` })
  class ElementConnection {
    @Structural(() => [ElementEdge], { description: '項目とカーソル' })
    edges!: ElementEdge[];

    @Structural(() => [element], { description: '項目' })
    nodes!: object[];

    @Structural(() => PageInfo, { description: 'ページ情報' })
    pageInfo!: PageInfo;
  }

  connections.set(element, ElementConnection);
  return ElementConnection;
}
