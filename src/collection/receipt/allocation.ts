import { minYen, type Yen } from '../../kernel/yen.js';

/** 本税・督促手数料・延滞金・加算金・滞納処分費: the parts of a claim, always held apart. */
export type Component = 'tax' | 'reminderFee' | 'lateCharge' | 'penalty' | 'dispositionCost';

/** Yen by component. */
export type ComponentYen = Readonly<Record<Component, Yen>>;

/**
 * Order in which a payment fills the components (handbook 01 §5). Municipalities differ in where the reminder
 * fee stands.
 */
export type ComponentOrder = readonly Component[];

export const DEFAULT_COMPONENT_ORDER: ComponentOrder = [
  'dispositionCost',
  'tax',
  'reminderFee',
  'lateCharge',
  'penalty',
];

/**
 * `perLine`: the oldest line wholly, then the next. `taxFirst`: a component over all lines, then the next
 * component.
 */
export type AcrossPolicy = 'perLine' | 'taxFirst';

/** What is applied to one component of one line. */
export interface Applied<Line> {
  readonly line: Line;
  readonly component: Component;
  readonly amount: Yen;
}

/** A line as the order of allocation sees it. */
export interface AllocatableLine {
  /** Effective due date, ISO. */
  readonly dueOn: string;
  readonly taxItemOrder: number;
  readonly instalmentNo: number;
  readonly outstanding: ComponentYen;
}

export interface AllocationRules {
  readonly componentOrder: ComponentOrder;
  readonly across: AcrossPolicy;
}

export const NOTHING: ComponentYen = {
  tax: 0n,
  reminderFee: 0n,
  lateCharge: 0n,
  penalty: 0n,
  dispositionCost: 0n,
};

/**
 * 充てる順序 across lines when the debtor named none: oldest effective due date first, then tax item, then instalment
 * (handbook 01 §5 rule 4). Lines of another legal family must not be handed in (rule 5).
 * @returns what is applied, in order, and the yen left over
 */
export function allocateAcross<Line extends AllocatableLine>(
  lines: readonly Line[],
  amount: Yen,
  rules: AllocationRules,
): { readonly applied: readonly Applied<Line>[]; readonly rest: Yen } {
  const sorted = lines.toSorted(byAge);
  const places =
    rules.across === 'perLine'
      ? sorted.flatMap((line) => rules.componentOrder.map((component) => ({ line, component })))
      : rules.componentOrder.flatMap((component) => sorted.map((line) => ({ line, component })));
  const applied: Applied<Line>[] = [];
  let rest = amount;
  for (const { line, component } of places) {
    const taken = minYen(rest, owed(line.outstanding, component));
    if (taken <= 0n) continue;
    applied.push({ line, component, amount: taken });
    rest -= taken;
  }
  return { applied, rest };
}

/**
 * A slip with a printed breakdown on one line (handbook 01 §5 rule 3): as printed, but no late charge is taken while
 * tax remains. What the designation leaves over fills the other components of the same line, in order.
 * @returns yen by component and the yen left over
 */
export function allocatePrinted(
  outstanding: ComponentYen,
  printed: { readonly tax: Yen; readonly lateCharge: Yen },
  order: ComponentOrder,
): { readonly applied: ComponentYen; readonly rest: Yen } {
  const paid = printed.tax + printed.lateCharge;
  const tax = minYen(owed(outstanding, 'tax'), paid);
  const shifted = tax > printed.tax ? tax - printed.tax : 0n;
  const lateCharge = minYen(owed(outstanding, 'lateCharge'), printed.lateCharge - shifted);
  const applied: Record<Component, Yen> = { ...NOTHING, tax, lateCharge };
  let rest = paid - tax - lateCharge;
  for (const component of order) {
    const taken = minYen(rest, owed(outstanding, component) - applied[component]);
    applied[component] += taken;
    rest -= taken;
  }
  return { applied, rest };
}

/** What may still be taken: a component that a decrease left below zero takes nothing. */
function owed(outstanding: ComponentYen, component: Component): Yen {
  const amount = outstanding[component];
  return amount > 0n ? amount : 0n;
}

function byAge(a: AllocatableLine, b: AllocatableLine): number {
  if (a.dueOn !== b.dueOn) return a.dueOn < b.dueOn ? -1 : 1;
  return a.taxItemOrder - b.taxItemOrder || a.instalmentNo - b.instalmentNo;
}
