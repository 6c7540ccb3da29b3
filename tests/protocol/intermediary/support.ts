import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type {
  EnvelopeOf,
  InquiryBody,
  UnsignedEnvelope,
} from '../../../src/protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../../src/protocol/intermediary/registeredAccount.js';
import { signEnvelope } from '../../../src/protocol/intermediary/signature.js';

/** Keys of a sender. */
export const SENDER: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519');

/** A question for a registered account. */
export const INQUIRY: InquiryBody = {
  lineNo: 1,
  recordId: 'R-2026-000001',
  unifiedAddresseeNo: '000000000000101',
  taskCode: REGISTERED_ACCOUNT.taskCode,
  procedureCode: REGISTERED_ACCOUNT.procedureCode,
  providerBodyCode: REGISTERED_ACCOUNT.providerBodyCode,
  informationNameCode: REGISTERED_ACCOUNT.informationNameCode,
  itemCodes: ['KZ01', 'KZ06'],
  nonDisclosure: false,
  consentId: 'CONSENT-1',
};

/** What goes around it. */
export const UNSIGNED: UnsignedEnvelope<'inquiry'> = {
  messageId: '019e0000-0000-7000-8000-000000000001',
  kind: 'inquiry',
  sentAt: '2026-11-02T01:00:00.000Z',
  sender: { bodyCode: '0220000000242012', systemId: 'LINKAGE-1' },
  actAs: { personId: 'P-1029', unitCode: 'U-24', stepUpAt: '2026-11-02T00:58:00.000Z' },
  purpose: 'REFUND',
  basis: 'BASIS-24',
  approvals: [],
  layoutVersion: '2026-07',
  body: INQUIRY,
};

export const ENVELOPE: EnvelopeOf<'inquiry'> = signEnvelope(UNSIGNED, SENDER.privateKey);
