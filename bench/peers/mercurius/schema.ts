/** The part of the published schema that is asked, in the same shape. */
export const schema = `
  scalar Yen
  scalar Date

  type Query {
    addressee(addresseeNo: String!): Addressee
    addressees(filter: AddresseeFilter!, first: Int!): AddresseeConnection!
    delinquencyCases(filter: DelinquencyCaseFilter!, first: Int!, after: String!): DelinquencyCaseConnection!
  }

  input AddresseeFilter {
    kana: String!
  }

  type AddresseeConnection {
    nodes: [Addressee!]!
  }

  input DelinquencyCaseFilter {
    officerId: String!
    openOnly: Boolean!
  }

  type DelinquencyCaseConnection {
    nodes: [DelinquencyCase!]!
  }

  type DelinquencyCase {
    caseNo: String!
    state: String!
    officerId: String!
    district: String
    openedOn: Date!
    overdue: Yen
    outstanding: Yen
    addressee: Addressee
  }

  type Addressee {
    addresseeNo: String!
    name: String!
    kana: String!
    levies(fiscalYear: Int!, first: Int!): LevyLineConnection!
  }

  type LevyLineConnection {
    nodes: [LevyLine!]!
  }

  type LevyLine {
    id: ID!
    noticeNo: String!
    taxItem: TaxItem
    taxItemCode: String!
    instalmentNo: Int!
    dueOn: Date!
    levied: Yen!
    received: Yen!
    taxOutstanding: Yen!
    lateChargeOutstanding: Yen!
    outstanding: Yen!
    settled: Boolean!
    allocations(first: Int!): AllocationConnection!
  }

  type TaxItem {
    code: String!
    name: String!
  }

  type AllocationConnection {
    nodes: [Allocation!]!
  }

  type Allocation {
    amount: Yen!
    effectiveOn: Date!
    receipt: Receipt
  }

  type Receipt {
    id: ID!
    channel: String!
    paidOn: Date!
    bookedOn: Date!
    amount: Yen!
  }
`;
