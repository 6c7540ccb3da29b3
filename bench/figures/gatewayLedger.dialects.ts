import type { Comparison, Dialect } from '../support/beside.js';

/** The accounting year that is asked about. */
export const FISCAL_YEAR = 2026;

export interface LedgerQuestion {
  readonly addresseeNo: string;
}

const QUERY = `query Ledger($addresseeNo: String!, $fiscalYear: Int!) {
  addressee(addresseeNo: $addresseeNo) {
    addresseeNo
    name
    levies(fiscalYear: $fiscalYear, first: 40) {
      nodes {
        id
        noticeNo
        taxItem { name }
        instalmentNo
        dueOn
        levied
        received
        taxOutstanding
        lateChargeOutstanding
        settled
        allocations(first: 8) {
          nodes { amount effectiveOn receipt { id channel paidOn bookedOn amount } }
        }
      }
    }
  }
}`;

const POSTGRAPHILE_QUERY = `query Ledger($addresseeNo: String!, $fiscalYear: Int!) {
  addresseeByAddresseeNo(addresseeNo: $addresseeNo) {
    addresseeNo
    name
    levyLinesByAddresseeNo(
      condition: { levyFiscalYear: $fiscalYear }
      orderBy: [LEVY_FISCAL_YEAR_ASC, TAX_ITEM_ASC, INSTALMENT_NO_ASC, ROW_ID_ASC]
      first: 40
    ) {
      nodes {
        rowId
        noticeNo
        taxItemByTaxItem { name }
        instalmentNo
        dueOn
        levyBalanceByLevyId { levied received taxOutstanding lateChargeOutstanding settled }
        allocationsByLevyId(orderBy: [EFFECTIVE_ON_ASC, ROW_ID_ASC], first: 8) {
          nodes { amount effectiveOn receiptByReceiptId { rowId channel paidOn bookedOn amount } }
        }
      }
    }
  }
}`;

const same: Dialect<LedgerQuestion> = {
  query: QUERY,
  variables: ({ addresseeNo }) => ({ addresseeNo, fiscalYear: FISCAL_YEAR }),
  content: (data) => data,
};

/** How each is asked for a person's ledger. */
export const LEDGER_DIALECTS: Comparison<LedgerQuestion>['dialects'] = {
  gateway: same,
  floor: { ...same, query: '' },
  mercurius: same,
  apollo: same,
  postgraphile: { ...same, query: POSTGRAPHILE_QUERY, content: ledgerFromPostgraphile },
};

interface Nodes<T> {
  readonly nodes: readonly T[];
}

interface PostgraphileReceipt {
  readonly rowId: string;
  readonly channel: string;
  readonly paidOn: string;
  readonly bookedOn: string;
  readonly amount: string;
}

interface PostgraphileAllocation {
  readonly amount: string;
  readonly effectiveOn: string;
  readonly receiptByReceiptId: PostgraphileReceipt | null;
}

interface PostgraphileLevyLine {
  readonly rowId: string;
  readonly noticeNo: string;
  readonly taxItemByTaxItem: { readonly name: string };
  readonly instalmentNo: number;
  readonly dueOn: string;
  readonly levyBalanceByLevyId: {
    readonly levied: string;
    readonly received: string;
    readonly taxOutstanding: string;
    readonly lateChargeOutstanding: string;
    readonly settled: boolean;
  };
  readonly allocationsByLevyId: Nodes<PostgraphileAllocation>;
}

interface PostgraphileAddressee {
  readonly addresseeNo: string;
  readonly name: string;
  readonly levyLinesByAddresseeNo: Nodes<PostgraphileLevyLine>;
}

/** PostGraphile's answer in our shape: relations are named after their keys, and yen are text. */
export function ledgerFromPostgraphile(data: unknown): unknown {
  const { addresseeByAddresseeNo: found } = data as {
    readonly addresseeByAddresseeNo: PostgraphileAddressee | null;
  };
  if (found === null) return { addressee: null };
  const { addresseeNo, name, levyLinesByAddresseeNo } = found;
  return { addressee: { addresseeNo, name, levies: { nodes: levyLinesByAddresseeNo.nodes.map(levyLine) } } };
}

function levyLine({ rowId, noticeNo, instalmentNo, dueOn, ...relations }: PostgraphileLevyLine): unknown {
  const { levied, received, taxOutstanding, lateChargeOutstanding, settled } = relations.levyBalanceByLevyId;
  return {
    id: rowId,
    noticeNo,
    taxItem: relations.taxItemByTaxItem,
    instalmentNo,
    dueOn,
    levied: Number(levied),
    received: Number(received),
    taxOutstanding: Number(taxOutstanding),
    lateChargeOutstanding: Number(lateChargeOutstanding),
    settled,
    allocations: { nodes: relations.allocationsByLevyId.nodes.map(allocation) },
  };
}

function allocation({ amount, effectiveOn, receiptByReceiptId }: PostgraphileAllocation): unknown {
  return { amount: Number(amount), effectiveOn, receipt: receiptByReceiptId && receipt(receiptByReceiptId) };
}

function receipt({ rowId, channel, paidOn, bookedOn, amount }: PostgraphileReceipt): unknown {
  return { id: rowId, channel, paidOn, bookedOn, amount: Number(amount) };
}
