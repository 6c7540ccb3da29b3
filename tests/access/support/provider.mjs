/* oxlint-disable -- runs unbuilt in a process of its own, on a package without types */
// A real OpenID provider in a process of its own: whoever comes is signed in.
// The cookie `who` names the person: `<staffId>`, or `<staffId>.mfa` for one with two factors; `amr` follows.
// Prints its port when ready.
import { createServer } from 'node:http';
import { once } from 'node:events';
import Provider from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'kuramori',
      client_secret: 'only-for-tests',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub', 'amr'] },
  conformIdTokenClaims: false,
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  if (prompt.name === 'login') {
    const [accountId, factor] = String(ctx.cookies.get('who')).split('.');
    const amr = factor === 'mfa' ? ['pwd', 'otp'] : ['pwd'];
    return provider.interactionFinished(
      ctx.req,
      ctx.res,
      { login: { accountId, amr } },
      { mergeWithLastSubmission: false },
    );
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid');
  return provider.interactionFinished(
    ctx.req,
    ctx.res,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
});
server.on('request', provider.callback());
process.stdout.write(`ready ${port}\n`);
