import { buildSchema, parse, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LEDGER_DIALECTS, ledgerFromPostgraphile } from '../../../bench/figures/gatewayLedger.dialects.js';
import {
  CASES_DIALECTS,
  casesFromPostgraphile,
} from '../../../bench/figures/gatewayList100.cases.dialects.js';
import { LIST_DIALECTS, peopleFromPostgraphile } from '../../../bench/figures/gatewayList100.dialects.js';

const published = buildSchema(readFileSync('schema/gateway.graphql', 'utf8'));

describe('what is measured', () => {
  test.each([
    ['a ledger', LEDGER_DIALECTS.gateway.query],
    ['a hundred people', LIST_DIALECTS.gateway.query],
    ['a hundred cases', CASES_DIALECTS.gateway.query],
  ])('%s is asked for in the published schema', (_, query) => {
    expect(validate(published, parse(query))).toEqual([]);
  });

  test.each([
    ['a ledger', LEDGER_DIALECTS],
    ['a hundred people', LIST_DIALECTS],
    ['a hundred cases', CASES_DIALECTS],
  ])('%s is asked for in the same words where a peer has our schema', (_, { gateway, mercurius, apollo }) => {
    expect([mercurius.query, apollo.query]).toEqual([gateway.query, gateway.query]);
  });

  test('the page of cases that follows a case is told by its cursor or its id', () => {
    const question = { officerId: 'D1201', after: 'Y3Vyc29y', beforeId: '77' };
    expect(CASES_DIALECTS.gateway.variables(question)).toEqual({ officerId: 'D1201', after: 'Y3Vyc29y' });
    expect(CASES_DIALECTS.apollo.variables(question)).toEqual({ officerId: 'D1201', after: '77' });
    expect(CASES_DIALECTS.postgraphile.variables(question)).toEqual({ officerId: 'D1201', beforeId: '77' });
    expect(CASES_DIALECTS.floor.variables(question)).toEqual({ officerId: 'D1201', beforeId: '77' });
  });
});

describe('PostGraphile’s answer in our shape', () => {
  const balance = { levied: '35000', received: '30000', settled: false };

  test('is a person’s ledger with yen as numbers', () => {
    const line = {
      rowId: '11',
      noticeNo: '1260002103',
      taxItemByTaxItem: { name: '個人住民税（普通徴収）' },
      instalmentNo: 1,
      dueOn: '2026-06-30',
      levyBalanceByLevyId: { ...balance, taxOutstanding: '5000', lateChargeOutstanding: '-0' },
      allocationsByLevyId: {
        nodes: [
          {
            amount: '30000',
            effectiveOn: '2026-06-29',
            receiptByReceiptId: {
              rowId: '9007199254740993',
              channel: 'counter',
              paidOn: '2026-06-29',
              bookedOn: '2026-07-01',
              amount: '30000',
            },
          },
          { amount: '1', effectiveOn: '2026-07-01', receiptByReceiptId: null },
        ],
      },
    };
    const answer = {
      addresseeByAddresseeNo: {
        addresseeNo: '0000000017',
        name: '土蔵　弘',
        levyLinesByAddresseeNo: { nodes: [line] },
      },
    };
    expect(ledgerFromPostgraphile(answer)).toEqual({
      addressee: {
        addresseeNo: '0000000017',
        name: '土蔵　弘',
        levies: {
          nodes: [
            {
              id: '11',
              noticeNo: '1260002103',
              taxItem: { name: '個人住民税（普通徴収）' },
              instalmentNo: 1,
              dueOn: '2026-06-30',
              levied: 35_000,
              received: 30_000,
              taxOutstanding: 5_000,
              lateChargeOutstanding: -0,
              settled: false,
              allocations: {
                nodes: [
                  {
                    amount: 30_000,
                    effectiveOn: '2026-06-29',
                    receipt: {
                      id: '9007199254740993',
                      channel: 'counter',
                      paidOn: '2026-06-29',
                      bookedOn: '2026-07-01',
                      amount: 30_000,
                    },
                  },
                  { amount: 1, effectiveOn: '2026-07-01', receipt: null },
                ],
              },
            },
          ],
        },
      },
    });
  });

  test('is nobody where nobody was found', () => {
    expect(ledgerFromPostgraphile({ addresseeByAddresseeNo: null })).toEqual({ addressee: null });
  });

  test('is people with their balances', () => {
    const levyLine = { taxItem: '01', instalmentNo: 2, dueOn: '2026-08-31' };
    const answer = {
      allAddressees: {
        nodes: [
          {
            addresseeNo: '0000000017',
            name: '土蔵　弘',
            kana: 'ツチクラ　ヒロシ',
            levyLinesByAddresseeNo: {
              nodes: [{ ...levyLine, levyBalanceByLevyId: { ...balance, outstanding: '5000' } }],
            },
          },
        ],
      },
    };
    expect(peopleFromPostgraphile(answer)).toEqual({
      addressees: {
        nodes: [
          {
            addresseeNo: '0000000017',
            name: '土蔵　弘',
            kana: 'ツチクラ　ヒロシ',
            levies: {
              nodes: [
                {
                  taxItemCode: '01',
                  instalmentNo: 2,
                  dueOn: '2026-08-31',
                  levied: 35_000,
                  received: 30_000,
                  outstanding: 5_000,
                  settled: false,
                },
              ],
            },
          },
        ],
      },
    });
  });

  test.each([
    [null, 'OPEN'],
    [{ closedOn: '2026-10-01' }, 'CLOSED'],
  ])('is cases, whose closing %o makes them %s', (caseClosingByCaseId, state) => {
    const common = { caseNo: 'T2026-000001', officerId: 'D1201', district: '湊', openedOn: '2026-01-19' };
    const addressee = { addresseeNo: '0000000017', name: '土蔵　弘', kana: 'ツチクラ　ヒロシ' };
    const row = { ...common, overdue: '115800', outstanding: '223800', caseClosingByCaseId };
    const nodes = [{ ...row, addresseeByAddresseeNo: addressee }];
    expect(casesFromPostgraphile({ allDelinquencyCases: { nodes } })).toEqual({
      delinquencyCases: {
        nodes: [{ ...common, state, overdue: 115_800, outstanding: 223_800, addressee }],
      },
    });
  });
});
