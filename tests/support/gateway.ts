import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { fromBase32, totpCode, totpStep } from '../../src/kernel/token/totp.js';
import { openIdentity, type Identity } from '../../src/access/identity.js';
import { openAuditLog, type AuditLog } from '../../src/audit/log.js';
import { linkVaultPersons } from '../../src/demonstration/vaultPersons.js';
import { registerDemonstrationStaff, type StaffCredentials } from '../../src/demonstration/staff.js';
import { buildApp, type AppSettings } from '../../src/gateway/http/app.js';
import { GatheredReads } from '../../src/gateway/operation/gather.js';
import { PlanCache } from '../../src/gateway/operation/plans.js';
import { RESOLVERS } from '../../src/gateway/schema/resolvers.js';
import { watchAuditLog } from '../../src/gateway/http/health.js';
import { listFields } from '../../src/gateway/start.js';
import { systemClock } from '../../src/kernel/clock.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import type { VaultClient } from '../../src/vault/client/client.js';
import { FAST_ARGON2, settings as identitySettingsOf } from '../access/support/settings.js';
import type { TestDatabase } from './database.js';
import { demonstrationDatabase } from './demonstration.js';
import { schemaOf } from './schema.js';
import { afterwards } from './afterwards.js';

/** What a GraphQL answer looks like. */
export interface GraphqlAnswer {
  readonly status: number;
  readonly data: any;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: any;
  }[];
  readonly extensions: any;
}

/** A real gateway over HTTP on a real database with the demonstration municipality. */
export interface TestGateway {
  readonly db: TestDatabase;
  readonly url: string;
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly identity: Identity;
  readonly audit: AuditLog;
  readonly staff: readonly StaffCredentials[];
  /** Defects that were reported, oldest first. */
  readonly defects: readonly Defect[];
  /** Signs a member of staff in over HTTP; once per person, later calls give the same token. */
  tokenOf(staffId: string): Promise<string>;
  /** Asks as the first member of staff who holds the role. */
  ask(role: string, query: string, options?: AskOptions): Promise<GraphqlAnswer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** What operators are told of a defect. */
export interface Defect {
  readonly requestId: string;
  readonly kind: string;
  readonly places: readonly string[];
}

export interface AskOptions {
  readonly variables?: Record<string, unknown>;
  readonly purpose?: string;
  readonly staffId?: string;
  readonly headers?: Record<string, string>;
}

/** The purpose a role is asked with. */
export const PURPOSE_OF: Readonly<Record<string, string>> = {
  collectionClerk: 'COLLECTION',
  delinquencyOfficer: 'DELINQUENCY',
  refundOfficer: 'REFUND',
  counterClerk: 'COUNTER',
  assessmentClerk: 'ASSESSMENT',
  branchClerk: 'COUNTER',
  sectionChief: 'REFUND',
  numberHandler: 'REFUND',
  auditor: 'AUDIT',
  accessAdministrator: 'ADMINISTRATION',
  maintenanceContractor: 'MAINTENANCE',
};

/** Starts one for a test file; stopped when its tests are over. */
export async function testGateway(
  people = 300,
  settings: Partial<AppSettings> = {},
  vault?: VaultClient,
): Promise<TestGateway> {
  const db = await demonstrationDatabase(people);
  const identitySettings = identitySettingsOf();
  const { staff } = await registerDemonstrationStaff(db.owner, {
    ...identitySettings,
    argon2: FAST_ARGON2,
    clock: systemClock,
  });
  const auditDatabase: Database = openDatabase({
    url: db.urls.gateway,
    application: 'tests-audit',
    connections: 3,
  });
  const audit = watchAuditLog(openAuditLog(auditDatabase));
  const identity = openIdentity({
    database: db.gateway,
    audit,
    clock: systemClock,
    settings: identitySettings,
  });
  const schema = schemaOf(RESOLVERS);
  const defects: Defect[] = [];
  const deps = {
    database: db.gateway,
    audit,
    clock: systemClock,
    vault,
    identity,
    schema,
    plans: new PlanCache(schema),
    reads: new GatheredReads(db.gateway),
    lists: listFields(schema),
    forgetRegister: () => identity.forget('everybody'),
    reportDefect: (requestId: string, kind: string, places: readonly string[]) => {
      defects.push({ requestId, kind, places });
    },
  };
  const app = await buildApp(deps, { discloseSchema: false, trustedDocuments: undefined, ...settings });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  afterwards(async () => {
    await app.close();
    await identity.close();
    await audit.close();
    await auditDatabase.close();
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (staffId: string): Promise<string> => {
    const known = tokens.get(staffId);
    if (known) return known;
    const token = signIn(post, staff, staffId);
    tokens.set(staffId, token);
    return token;
  };
  const ask = async (role: string, query: string, options: AskOptions = {}): Promise<GraphqlAnswer> => {
    const staffId = options.staffId ?? staff.find((member) => member.role === role)?.staffId ?? '';
    const answer = await post(
      '/graphql',
      { query, ...(options.variables ? { variables: options.variables } : {}) },
      {
        authorization: `Bearer ${await tokenOf(staffId)}`,
        'kuramori-purpose': options.purpose ?? PURPOSE_OF[role] ?? '',
        ...options.headers,
      },
    );
    const body = (await answer.json()) as Partial<GraphqlAnswer>;
    return { status: answer.status, data: body.data, errors: body.errors ?? [], extensions: body.extensions };
  };
  return { db, url, app, schema, identity, audit, staff, defects, tokenOf, ask, post };
}

async function signIn(
  post: (path: string, body: unknown) => Promise<Response>,
  staff: readonly StaffCredentials[],
  staffId: string,
): Promise<string> {
  const member = staff.find((candidate) => candidate.staffId === staffId);
  if (!member) throw new Error(`no such staff: ${staffId}`);
  const totp = totpCode(fromBase32(member.totpSecret), totpStep(Date.now()));
  const answer = await post('/session', { staffId, password: member.password, totp });
  const body = (await answer.json()) as { accessToken?: string };
  if (body.accessToken === undefined) throw new Error(`sign-in refused: ${answer.status}`);
  return body.accessToken;
}

/** Steps a signed-in member of staff up for a purpose, with the code of the next half minute. */
export async function stepUp(gateway: TestGateway, staffId: string, purpose: string): Promise<void> {
  const member = gateway.staff.find((candidate) => candidate.staffId === staffId);
  if (!member) throw new Error(`no such staff: ${staffId}`);
  const token = await gateway.tokenOf(staffId);
  const totp = totpCode(fromBase32(member.totpSecret), totpStep(Date.now()) + 1);
  const answer = await gateway.post(
    '/session/step-up',
    { purpose, totp },
    { authorization: `Bearer ${token}` },
  );
  if (!answer.ok) throw new Error(`step-up refused: ${answer.status}`);
}

type WithStaff = Pick<TestGateway, 'staff'> & { readonly db: { readonly owner: Database } };

/** Links who handles numbers with people of the vault, whose assertions then may be carried. */
export function linkHandler(gateway: WithStaff, ...vaultPersonIds: readonly string[]): Promise<void> {
  return linkRole(gateway, 'numberHandler', ...vaultPersonIds);
}

/** Links who has a role with people of the vault. */
export async function linkRole(
  { db, staff }: WithStaff,
  asked: string,
  ...vaultPersonIds: readonly string[]
): Promise<void> {
  const { staffId = '' } = staff.find(({ role }) => role === asked) ?? {};
  await db.owner.transaction('test.link', (tx) => linkVaultPersons(tx, systemClock, staffId, vaultPersonIds));
}
