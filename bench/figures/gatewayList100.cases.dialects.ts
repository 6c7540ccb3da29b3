import type { Comparison, Dialect } from '../support/beside.js';

export interface CasesQuestion {
  readonly officerId: string;
  /** The gateway's cursor of the case that the page before ended with. */
  readonly after: string;
  /** The id of that case. */
  readonly beforeId: string;
}

const FIELDS = `
      caseNo
      state
      officerId
      district
      openedOn
      overdue
      outstanding
      addressee { addresseeNo name kana }`;

const QUERY = `query Cases($officerId: String!, $after: String!) {
  delinquencyCases(filter: { officerId: $officerId, openOnly: true }, first: 100, after: $after) {
    nodes {${FIELDS}
    }
  }
}`;

const POSTGRAPHILE_QUERY = `query Cases($officerId: String!, $beforeId: BigInt!) {
  allDelinquencyCases(
    condition: { officerId: $officerId, open: true, beforeId: $beforeId }
    orderBy: ROW_ID_DESC
    first: 100
  ) {
    nodes {
      caseNo
      caseClosingByCaseId { closedOn }
      officerId
      district
      openedOn
      overdue
      outstanding
      addresseeByAddresseeNo { addresseeNo name kana }
    }
  }
}`;

const same: Dialect<CasesQuestion> = {
  query: QUERY,
  variables: ({ officerId, after }) => ({ officerId, after }),
  content: (data) => data,
};
/** The peers' cursor is the id. */
const byId: Dialect<CasesQuestion> = {
  ...same,
  variables: ({ officerId, beforeId }) => ({ officerId, after: beforeId }),
};
const beforeId = ({ officerId, beforeId }: CasesQuestion) => ({ officerId, beforeId });

/** How each is asked for a hundred cases. */
export const CASES_DIALECTS: Comparison<CasesQuestion>['dialects'] = {
  gateway: same,
  floor: { ...same, query: '', variables: beforeId },
  mercurius: byId,
  apollo: byId,
  postgraphile: { query: POSTGRAPHILE_QUERY, variables: beforeId, content: casesFromPostgraphile },
};

interface PostgraphileCase {
  readonly caseNo: string;
  readonly caseClosingByCaseId: object | null;
  readonly officerId: string;
  readonly district: string;
  readonly openedOn: string;
  readonly overdue: string;
  readonly outstanding: string;
  readonly addresseeByAddresseeNo: object;
}

/** PostGraphile's answer in our shape: relations are named after their keys, and yen are text. */
export function casesFromPostgraphile(data: unknown): unknown {
  const { allDelinquencyCases } = data as {
    readonly allDelinquencyCases: { readonly nodes: readonly PostgraphileCase[] };
  };
  const nodes = allDelinquencyCases.nodes.map((row) => ({
    caseNo: row.caseNo,
    state: row.caseClosingByCaseId === null ? 'OPEN' : 'CLOSED',
    officerId: row.officerId,
    district: row.district,
    openedOn: row.openedOn,
    overdue: Number(row.overdue),
    outstanding: Number(row.outstanding),
    addressee: row.addresseeByAddresseeNo,
  }));
  return { delinquencyCases: { nodes } };
}
