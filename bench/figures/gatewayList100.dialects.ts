import type { Comparison, Dialect } from '../support/beside.js';

const FISCAL_YEAR = 2026;

export interface ListQuestion {
  /** 検索用カナ with which readings begin. */
  readonly kana: string;
}

const QUERY = `query People($kana: String!, $fiscalYear: Int!) {
  addressees(filter: { kana: $kana }, first: 100) {
    nodes {
      addresseeNo
      name
      kana
      levies(fiscalYear: $fiscalYear, first: 8) {
        nodes { taxItemCode instalmentNo dueOn levied received outstanding settled }
      }
    }
  }
}`;

const POSTGRAPHILE_QUERY = `query People($kana: String!, $fiscalYear: Int!) {
  allAddressees(condition: { kana: $kana }, orderBy: [KANA_FOLDED_ASC, ADDRESSEE_NO_ASC], first: 100) {
    nodes {
      addresseeNo
      name
      kana
      levyLinesByAddresseeNo(
        condition: { levyFiscalYear: $fiscalYear }
        orderBy: [LEVY_FISCAL_YEAR_ASC, TAX_ITEM_ASC, INSTALMENT_NO_ASC, ROW_ID_ASC]
        first: 8
      ) {
        nodes { taxItem instalmentNo dueOn levyBalanceByLevyId { levied received outstanding settled } }
      }
    }
  }
}`;

const same: Dialect<ListQuestion> = {
  query: QUERY,
  variables: ({ kana }) => ({ kana, fiscalYear: FISCAL_YEAR }),
  content: (data) => data,
};

/** How each is asked for a hundred people with their balances. */
export const LIST_DIALECTS: Comparison<ListQuestion>['dialects'] = {
  gateway: same,
  floor: { ...same, query: '' },
  mercurius: same,
  apollo: same,
  postgraphile: { ...same, query: POSTGRAPHILE_QUERY, content: peopleFromPostgraphile },
};

interface PostgraphileLevyLine {
  readonly taxItem: string;
  readonly instalmentNo: number;
  readonly dueOn: string;
  readonly levyBalanceByLevyId: {
    readonly levied: string;
    readonly received: string;
    readonly outstanding: string;
    readonly settled: boolean;
  };
}

interface PostgraphileAddressee {
  readonly addresseeNo: string;
  readonly name: string;
  readonly kana: string;
  readonly levyLinesByAddresseeNo: { readonly nodes: readonly PostgraphileLevyLine[] };
}

/** PostGraphile's answer in our shape: relations are named after their keys, and yen are text. */
export function peopleFromPostgraphile(data: unknown): unknown {
  const { allAddressees } = data as {
    readonly allAddressees: { readonly nodes: readonly PostgraphileAddressee[] };
  };
  const nodes = allAddressees.nodes.map(({ addresseeNo, name, kana, levyLinesByAddresseeNo }) => ({
    addresseeNo,
    name,
    kana,
    levies: { nodes: levyLinesByAddresseeNo.nodes.map(levyLine) },
  }));
  return { addressees: { nodes } };
}

function levyLine({ taxItem, instalmentNo, dueOn, levyBalanceByLevyId }: PostgraphileLevyLine): unknown {
  const { levied, received, outstanding, settled } = levyBalanceByLevyId;
  return {
    taxItemCode: taxItem,
    instalmentNo,
    dueOn,
    levied: Number(levied),
    received: Number(received),
    outstanding: Number(outstanding),
    settled,
  };
}
