import { describe, expect, test } from 'vitest';
import { findChromium, openPage } from './support/browser.js';
import { compileClient } from './support/compiled.js';
import {
  digest,
  newAgreementKey,
  newSigningKey,
  openAssertion,
  openJwe,
  sealNumber,
  signToken,
  thumbprint,
  type Members,
} from './support/jose.js';
import type { Given, Posted, Report, RevealAnswer } from './support/page.js';
import { CONTEXT, NUMBER, REF } from './support/people.js';
import { startSite } from './support/site.js';
import { listOf } from './support/vault.js';

const chromium = findChromium();
if (chromium === undefined)
  process.stdout.write(
    'tests/client/browser.test.ts: skipped, because no Chromium is installed (apt: chromium)\n',
  );

const PAGE_MS_MAX = 60_000;
const TYPED = '１２３４ ５６７８ ９０１８';
const vault = newAgreementKey();
const signer = newSigningKey();
const stranger = newSigningKey();

describe.skipIf(chromium === undefined)('in a browser', () => {
  test(
    'the built client signs, seals and opens, and Node verifies what it made',
    { timeout: 90_000 },
    async () => {
      const { report, posted } = await runPage();
      expect(report.agent).toContain('Chrome');

      const claims = (path: string) => openAssertion(posted[path]!.assertion, { ...report.publicJwk }).claims;
      const operations = {
        '/reveal': 'reveal',
        '/search': 'resolve',
        '/register': 'register',
        '/stepUp': 'stepUp',
      };
      for (const [path, op] of Object.entries(operations))
        expect(claims(path)).toMatchObject({
          op,
          aud: 'vault:242012',
          bodyDigest: digest(posted[path]!.body),
        });
      const iat = claims('/reveal')['iat'] as number;
      expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(PAGE_MS_MAX / 1000);

      const sealed = {
        '/search': ['number', TYPED],
        '/register': ['number', NUMBER],
        '/stepUp': ['factor', '287082'],
      };
      for (const [path, [member, value]] of Object.entries(sealed)) {
        const { payload } = openJwe(posted[path]!.body[member!] as string, vault.privateKey);
        expect(payload).toMatchObject({ v: 1, value, jti: claims(path)['jti'] });
      }

      expect(report.opened).toBe(NUMBER);
      expect(report.refused).toEqual({
        tampered: 'INTEGRITY_FAILURE',
        another: 'INTEGRITY_FAILURE',
        forged: 'INTEGRITY_FAILURE',
        swapped: 'INTEGRITY_FAILURE',
      });
      expect(report.exported).toEqual(['InvalidAccessError', 'InvalidAccessError']);
      const kept = openAssertion(report.kept.assertion, { ...report.publicJwk });
      expect(kept.claims['bodyDigest']).toBe(digest({ name: '番号 €' }));
    },
  );
});

/** Runs the page to its report, with what it posted before; rejects with the page's own error. */
async function runPage(): Promise<{ report: Report; posted: Readonly<Record<string, Posted>> }> {
  const compiled = compileClient();
  const posted: Record<string, Posted> = {};
  const reported = Promise.withResolvers<Report>();
  const note = (path: string) => (request: unknown) => void (posted[path] = request as Posted);
  const site = await startSite({
    built: compiled.folder,
    script: compiled.page,
    answers: {
      '/given': given,
      '/reveal': (request) => answerReveal((posted['/reveal'] = request as Posted)),
      '/search': note('/search'),
      '/register': note('/register'),
      '/stepUp': note('/stepUp'),
      '/report': (report) => {
        const { error } = report as { error?: string };
        if (error === undefined) reported.resolve(report as Report);
        else reported.reject(new Error(error));
      },
    },
  });
  const page = openPage(chromium!, site.url);
  const late = setTimeout(
    () => reported.reject(new Error(`the page reported nothing; it asked for ${site.asked.join(' ')}`)),
    PAGE_MS_MAX,
  );
  try {
    return { report: await reported.promise, posted };
  } finally {
    clearTimeout(late);
    await page.close();
    await site.close();
    compiled.remove();
  }
}

function given(): Given {
  const { now: _now, ...context } = CONTEXT;
  const iat = Math.floor(Date.now() / 1000);
  const list = { ...listOf(vault), iat, exp: iat + 60 };
  return {
    context,
    ref: REF,
    number: NUMBER,
    typed: TYPED,
    anchor: { keys: [signer.publicJwk] },
    signed: signToken(signer, 'input-keys+jwt', list),
    swapped: signToken(stranger, 'input-keys+jwt', { ...list, ...listOf(newAgreementKey()) }),
  };
}

/** As the vault answers: to the key that the body shows and the assertion names. */
function answerReveal({ assertion, body }: Posted): RevealAnswer {
  const claims = JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString('utf8')) as Members;
  const publicJwk = { ...(body['readerKey'] as Members) };
  const reader = { publicJwk, thumbprint: thumbprint(publicJwk) };
  if (reader.thumbprint !== claims['sealTo']) throw new Error('the assertion names another key');
  const payload = { v: 1, ref: REF, number: NUMBER, jti: claims['jti'], iat: claims['iat'] };
  const jwe = sealNumber(reader, signer, payload);
  return {
    jwe,
    tampered: `${jwe.slice(0, -8)}${jwe.at(-8) === 'A' ? 'B' : 'A'}${jwe.slice(-7)}`,
    another: sealNumber(reader, signer, { ...payload, jti: 'A'.repeat(22) }),
    forged: sealNumber(reader, stranger, payload),
  };
}
