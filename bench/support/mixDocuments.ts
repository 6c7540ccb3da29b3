/** What the screens of the mix ask, one document each. */
const PERSON = `addresseeNo name kana kind protectedPerson`;
const BALANCES = `ledger { fiscalYear taxItem { name } levied received outstanding overdue }`;

export const FIND_PEOPLE = `query FindPeople($filter: AddresseeFilter!) {
  addressees(filter: $filter, first: 20) {
    nodes { ${PERSON} address birthDate }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** A branch does not see birth dates, and addresses only masked. */
export const FIND_BRANCH_PEOPLE = `query FindBranchPeople($filter: AddresseeFilter!) {
  addressees(filter: $filter, first: 20) { nodes { ${PERSON} } pageInfo { hasNextPage endCursor } }
}`;

export const PERSON_PAGE = `query PersonPage($addresseeNo: String!) {
  addressee(addresseeNo: $addresseeNo) {
    ${PERSON} address postalCode birthDate residence
    household { householdNo householder { name } members(first: 10) { nodes { addresseeNo name } } }
    ${BALANCES}
  }
}`;

export const BALANCES_PAGE = `query BalancesPage($addresseeNo: String!) {
  addressee(addresseeNo: $addresseeNo) { ${PERSON} ${BALANCES} }
}`;

const LEVY = `id noticeNo taxItem { name } instalmentNo dueOn levied received taxOutstanding lateChargeOutstanding
  settled`;

export const LEDGER = `query Ledger($addresseeNo: String!, $fiscalYear: Int!) {
  addressee(addresseeNo: $addresseeNo) {
    addresseeNo name
    levies(fiscalYear: $fiscalYear, first: 40) {
      nodes {
        ${LEVY}
        allocations(first: 8) { nodes { amount effectiveOn receipt { id channel paidOn bookedOn amount } } }
      }
    }
  }
}`;

/** The ledger without the receipts, which the role may not see. */
export const LEVIES = `query Levies($addresseeNo: String!, $fiscalYear: Int!) {
  addressee(addresseeNo: $addresseeNo) {
    addresseeNo name
    levies(fiscalYear: $fiscalYear, first: 40) { nodes { ${LEVY} } }
  }
}`;

export const RECEIPT_HISTORY = `query ReceiptHistory($addresseeNo: String!) {
  addressee(addresseeNo: $addresseeNo) {
    addresseeNo name
    receipts(first: 20) {
      nodes { id paidOn bookedOn channel amount levyLine { noticeNo instalmentNo taxItem { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

export const RECEIPTS_OF_DAYS = `query ReceiptsOfDays($from: Date!, $to: Date!) {
  receipts(filter: { paidFrom: $from, paidTo: $to }, first: 20) {
    nodes { id paidOn bookedOn channel source amount addressee { addresseeNo name } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const UNIDENTIFIED = `query Unidentified {
  unidentifiedReceipts(first: 20) {
    nodes { id remaining reason amount channel paidOn receivedOn noticeNo }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const ENTER_RECEIPT = `mutation EnterReceipt($input: EnterManualReceiptInput!) {
  enterManualReceipt(input: $input) {
    receipt { id amount paidOn allocations(first: 8) { nodes { component amount } } }
    userErrors { code field message }
  }
}`;

export const CASE_LIST = `query CaseList($officerId: String!) {
  delinquencyCases(filter: { officerId: $officerId, openOnly: true }, first: 20) {
    nodes { id caseNo state openedOn district addressee { addresseeNo name } overdue outstanding }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const CASE_PAGE = `query CasePage($caseNo: String!) {
  delinquencyCase(caseNo: $caseNo) {
    id caseNo state officerId openedOn overdue outstanding
    addressee { addresseeNo name kana address phone protectedPerson }
    openLevies(first: 20) { nodes { ${LEVY} } }
    contacts(first: 10) { nodes { id contactedAt method counterpart summary nextActionOn recordedBy } }
    dispositions(first: 10) { nodes { id kind assetClass executedOn claimedAmount } }
    executionStays(first: 10) { nodes { id ground decidedOn } }
  }
}`;

export const RECORD_CONTACT = `mutation RecordContact($input: RecordContactInput!) {
  recordContact(input: $input) {
    contact { id contactedAt method summary nextActionOn recordedBy }
    userErrors { code field message }
  }
}`;

export const OVERPAYMENT_LIST = `query OverpaymentList {
  overpayments(filter: { openOnly: true }, first: 20) {
    nodes { id cause amount remaining dueUnpaidAmount aroseOn addressee { addresseeNo name } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const REFUND_LIST = `query RefundList($state: RefundState!) {
  refunds(filter: { state: $state }, first: 20) {
    nodes { id state amount proposedBy proposedOn reason addressee { addresseeNo name } overpayment { id remaining } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const PROPOSE_REFUND = `mutation ProposeRefund($input: ProposeRefundInput!) {
  proposeRefund(input: $input) {
    refund { id state amount proposedOn }
    userErrors { code field message }
  }
}`;

export const AUDIT_SEARCH = `query AuditSearch($filter: AuditEntryFilter!) {
  auditEntries(filter: $filter, first: 20) {
    nodes { sequence at actorId purpose coordinate decision subjects rows operationName }
    pageInfo { hasNextPage endCursor }
  }
}`;
