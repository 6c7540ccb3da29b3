import { Arg, Ctx, FieldResolver, Float, Int, Query, Resolver, Root } from 'type-graphql';
import { findCases, type CaseRow } from '../shared/cases.js';
import {
  findAddresseesByKana,
  type AddresseeRow,
  type AllocationRow,
  type LevyLineRow,
  type ReceiptRow,
  type TaxItemRow,
} from '../shared/ledger.js';
import type { Context } from './loaders.js';
import {
  Addressee,
  AddresseeConnection,
  AddresseeFilter,
  Allocation,
  AllocationConnection,
  DelinquencyCase,
  DelinquencyCaseConnection,
  DelinquencyCaseFilter,
  LevyLine,
  LevyLineConnection,
  Receipt,
  TaxItem,
} from './types.js';

type Maybe<T> = Promise<T | null | undefined>;

@Resolver(() => Addressee)
export class AddresseeResolver {
  @Query(() => Addressee, { nullable: true })
  addressee(
    @Arg('addresseeNo', () => String) addresseeNo: string,
    @Ctx() { loaders }: Context,
  ): Maybe<AddresseeRow> {
    return loaders.addressee.load(addresseeNo);
  }

  @Query(() => AddresseeConnection)
  async addressees(
    @Arg('filter', () => AddresseeFilter) { kana }: AddresseeFilter,
    @Arg('first', () => Int) first: number,
  ): Promise<{ nodes: AddresseeRow[] }> {
    return { nodes: await findAddresseesByKana(kana, first) };
  }

  @FieldResolver(() => LevyLineConnection)
  async levies(
    @Root() { addresseeNo }: AddresseeRow,
    @Arg('fiscalYear', () => Int) fiscalYear: number,
    @Arg('first', () => Int) first: number,
    @Ctx() { loaders }: Context,
  ): Promise<{ nodes: LevyLineRow[] }> {
    return { nodes: await loaders.levies.of(fiscalYear, first).load(addresseeNo) };
  }
}

@Resolver(() => LevyLine)
export class LevyLineResolver {
  @FieldResolver(() => TaxItem, { nullable: true })
  taxItem(@Root() { taxItemCode }: LevyLineRow, @Ctx() { loaders }: Context): Maybe<TaxItemRow> {
    return loaders.taxItem.load(taxItemCode);
  }

  @FieldResolver(() => AllocationConnection)
  async allocations(
    @Root() { id }: LevyLineRow,
    @Arg('first', () => Int) first: number,
    @Ctx() { loaders }: Context,
  ): Promise<{ nodes: AllocationRow[] }> {
    return { nodes: await loaders.allocations.of(first).load(id) };
  }
}

@Resolver(() => Allocation)
export class AllocationResolver {
  @FieldResolver(() => Receipt, { nullable: true })
  receipt(@Root() { receiptId }: AllocationRow, @Ctx() { loaders }: Context): Maybe<ReceiptRow> | null {
    return receiptId === null ? null : loaders.receipt.load(receiptId);
  }
}

@Resolver(() => DelinquencyCase)
export class DelinquencyCaseResolver {
  @Query(() => DelinquencyCaseConnection)
  async delinquencyCases(
    @Arg('filter', () => DelinquencyCaseFilter) filter: DelinquencyCaseFilter,
    @Arg('first', () => Int) first: number,
    @Arg('after', () => String) after: string,
  ): Promise<{ nodes: CaseRow[] }> {
    const { officerId, openOnly } = filter;
    return { nodes: await findCases({ officerId, openOnly, first, after }) };
  }

  @FieldResolver(() => Addressee, { nullable: true })
  addressee(@Root() { addresseeNo }: CaseRow, @Ctx() { loaders }: Context): Maybe<AddresseeRow> {
    return loaders.addressee.load(addresseeNo);
  }

  @FieldResolver(() => Float, { nullable: true })
  async overdue(@Root() { addresseeNo }: CaseRow, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.owed.load(addresseeNo))?.overdue ?? 0;
  }

  @FieldResolver(() => Float, { nullable: true })
  async outstanding(@Root() { addresseeNo }: CaseRow, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.owed.load(addresseeNo))?.outstanding ?? 0;
  }
}
