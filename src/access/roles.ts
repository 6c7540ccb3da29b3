import type { FunctionName } from './functions.js';
import type { PurposeName } from './purposes.js';

/** 役割: a named set of functions and purposes. `scope: 'branch'` shows only the people of the holder's own branch. */
export interface RoleDefinition {
  readonly title: string;
  readonly functions: readonly FunctionName[];
  readonly purposes: readonly PurposeName[];
  readonly scope: 'municipality' | 'branch';
}

const PERSON: readonly FunctionName[] = ['addressee:read', 'addressee:identity', 'addressee:contact'];
const LEDGER: readonly FunctionName[] = ['ledger:read', 'receipt:read', 'overpayment:read'];
const CASE: readonly FunctionName[] = [
  'case:read',
  'contact:read',
  'promise:read',
  'disposition:read',
  'writeOff:read',
  'asset:read',
];

/** The roles a municipality starts with. Installed as dated data, from which the gateway reads them. */
export const BUILT_IN_ROLES = {
  collectionClerk: {
    title: '収納担当',
    functions: [
      ...PERSON,
      ...LEDGER,
      'account:read',
      'receipt:enter',
      'receipt:assign',
      'unidentified:read',
      'refund:read',
      'load:run',
    ],
    purposes: ['COLLECTION'],
    scope: 'municipality',
  },
  delinquencyOfficer: {
    title: '滞納整理担当',
    functions: [
      ...PERSON,
      ...LEDGER,
      ...CASE,
      'contact:write',
      'promise:write',
      'stay:propose',
      'writeOff:propose',
      'account:read',
      'transfer:read',
      'transfer:manage',
    ],
    purposes: ['DELINQUENCY'],
    scope: 'municipality',
  },
  refundOfficer: {
    title: '還付担当',
    functions: [...PERSON, ...LEDGER, 'account:read', 'refund:read', 'refund:propose', 'push:read'],
    purposes: ['REFUND'],
    scope: 'municipality',
  },
  counterClerk: {
    title: '窓口担当',
    functions: ['addressee:read', 'addressee:identity', 'ledger:read', 'receipt:read'],
    purposes: ['COUNTER'],
    scope: 'municipality',
  },
  assessmentClerk: {
    title: '賦課担当',
    functions: ['addressee:read', 'addressee:identity', 'ledger:read'],
    purposes: ['ASSESSMENT'],
    scope: 'municipality',
  },
  branchClerk: {
    title: '支所担当',
    functions: ['addressee:read', 'ledger:read'],
    purposes: ['COUNTER'],
    scope: 'branch',
  },
  sectionChief: {
    title: '収納課長（決裁者）',
    functions: [
      ...PERSON,
      ...LEDGER,
      ...CASE,
      'account:read',
      'unidentified:read',
      'refund:read',
      'refund:decide',
      'stay:decide',
      'writeOff:decide',
      'receipt:reverse',
      'push:read',
      'transfer:read',
      'transfer:approve',
      'staff:read',
    ],
    purposes: ['COLLECTION', 'DELINQUENCY', 'REFUND'],
    scope: 'municipality',
  },
  numberHandler: {
    title: '個人番号取扱担当',
    functions: [
      'addressee:read',
      'addressee:identity',
      'number:reveal',
      'number:search',
      'number:register',
      'number:administer',
      'push:read',
      'push:request',
      'push:cancel',
    ],
    purposes: ['COLLECTION', 'DELINQUENCY', 'REFUND', 'TRANSFER'],
    scope: 'municipality',
  },
  transferJob: {
    title: '移管ジョブ',
    functions: [
      'addressee:read',
      'addressee:identity',
      'ledger:read',
      'case:read',
      'disposition:read',
      'transfer:read',
      'transfer:manage',
    ],
    purposes: ['TRANSFER'],
    scope: 'municipality',
  },
  auditor: { title: '監査担当', functions: ['audit:read'], purposes: ['AUDIT'], scope: 'municipality' },
  accessAdministrator: {
    title: '権限管理者',
    functions: ['staff:read', 'staff:administer', 'role:grant'],
    purposes: ['ADMINISTRATION'],
    scope: 'municipality',
  },
  maintenanceContractor: {
    title: '保守委託先',
    functions: ['system:read'],
    purposes: ['MAINTENANCE'],
    scope: 'municipality',
  },
} as const satisfies Record<string, RoleDefinition>;

/** The name of a built-in role. A municipality may add its own names in the role table. */
export type BuiltInRole = keyof typeof BUILT_IN_ROLES;
