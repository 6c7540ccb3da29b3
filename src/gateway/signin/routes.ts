import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import type { Identity } from '../../access/identity.js';
import { SIGN_IN_BODY_BYTES_MAX } from '../../kernel/limits.js';
import { answerError } from './errors.js';
import { BODIES, bodyOf, cookieOf, originOf } from './input.js';

/** Holds the secret that ties the way back from the provider to the browser that went. */
const OIDC_COOKIE = 'kuramori-oidc';

/**
 * The routes by which people and jobs come in: JSON only, small bodies, nothing kept by caches. Tokens travel in
 * bodies and in `Authorization`, never in cookies, so that no other site can use them.
 * @example await registerSignIn(app, identity);
 */
export async function registerSignIn(app: FastifyInstance, identity: Identity): Promise<void> {
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply));
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    sessionRoutes(scope, identity);
    enrolmentRoutes(scope, identity);
    serviceRoutes(scope, identity);
    oidcRoutes(scope, identity);
  });
}

function acceptJsonOnly(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: SIGN_IN_BODY_BYTES_MAX },
    parse,
  );
}

function sessionRoutes(scope: FastifyInstance, identity: Identity): void {
  scope.post('/session', async (request) =>
    identity.signIn(bodyOf(BODIES.signIn, request), originOf(request)),
  );
  scope.post('/session/refresh', async (request) =>
    identity.refresh(bodyOf(BODIES.refresh, request).refreshToken, originOf(request)),
  );
  scope.post('/session/step-up', async (request) => {
    const caller = await callerOf(identity, request);
    return identity.stepUp(caller, bodyOf(BODIES.stepUp, request), originOf(request));
  });
  scope.delete('/session', async (request, reply) => {
    await identity.signOut(await callerOf(identity, request), originOf(request));
    return reply.code(204).send();
  });
}

function enrolmentRoutes(scope: FastifyInstance, identity: Identity): void {
  scope.post('/enrolment', async (request) =>
    identity.beginEnrolment(bodyOf(BODIES.beginEnrolment, request), originOf(request)),
  );
  scope.post('/enrolment/finish', async (request, reply) => {
    await identity.finishEnrolment(bodyOf(BODIES.finishEnrolment, request), originOf(request));
    return reply.code(204).send();
  });
}

function serviceRoutes(scope: FastifyInstance, identity: Identity): void {
  scope.post('/token', async (request) =>
    identity.serviceToken(bodyOf(BODIES.serviceToken, request).clientAssertion, originOf(request)),
  );
  scope.get('/jwks', async () => identity.jwks());
}

function oidcRoutes(scope: FastifyInstance, identity: Identity): void {
  scope.get('/oidc/start', async (request, reply) => {
    const { location, browserBinding, expiresIn } = await identity.startOidc(originOf(request));
    reply.header(
      'set-cookie',
      `${OIDC_COOKIE}=${browserBinding}; Path=/oidc; Max-Age=${expiresIn}; HttpOnly; Secure; SameSite=Lax`,
    );
    return reply.redirect(location, 302);
  });
  scope.get('/oidc/callback', async (request) => {
    const query = request.url.slice(
      request.url.indexOf('?') === -1 ? request.url.length : request.url.indexOf('?'),
    );
    return identity.finishOidc(query, cookieOf(request, OIDC_COOKIE), originOf(request));
  });
  scope.post('/oidc/second-factor', async (request) =>
    identity.completeOidc(bodyOf(BODIES.completeOidc, request), originOf(request)),
  );
}

function callerOf(identity: Identity, request: FastifyRequest): Promise<Caller> {
  const from = originOf(request);
  return identity.authenticate(request.headers.authorization, from.terminal, from);
}
