import { ApprovalMutations, ApprovalQueries } from '../../access/approval.graphql.js';
import { StaffMutations, StaffQueries } from '../../access/staff.graphql.js';
import { COLLECTION_RESOLVERS } from '../../collection/collection.graphql.js';
import { AuditQueries } from '../audit/audit.graphql.js';
import { EvidenceQueries } from '../audit/evidence.graphql.js';
import { ViewerQueries } from '../viewer/viewer.graphql.js';
import type { ResolverClass } from './build.js';

/** Everything the gateway publishes. */
export const RESOLVERS: readonly ResolverClass[] = [
  ...COLLECTION_RESOLVERS,
  StaffQueries,
  StaffMutations,
  ApprovalQueries,
  ApprovalMutations,
  AuditQueries,
  EvidenceQueries,
  ViewerQueries,
];
