import { expect } from 'vitest';
import { INTERMEDIARY_MESSAGE_BYTES_MAX } from '../../../../../src/kernel/limits.js';
import { accountLine, bodyOf } from '../../support/linkage.js';
import type { Shown } from '../../support/stand.js';
import { one, only, type Case } from '../case.js';

const notLetIn = (no: number, title: string, shown: Shown, overHttp: 'broken' | number = 'broken'): Case =>
  one(no, title, async ({ stand }) => {
    // A file that cannot be believed is set aside, and nobody is answered.
    const status = stand.transport === 'files' ? 'broken' : overHttp;
    expect(await stand.as(shown)('GET', '/v1/health')).toMatchObject({ status });
  });

/** 既存システム接続機能. */
export const CONNECTION: readonly Case[] = [
  only('HTTP/2', notLetIn(101, 'nobody connects without a certificate', 'nobody')),
  notLetIn(102, 'a certificate of another service is not heard', 'stranger', 401),
  notLetIn(103, 'a certificate of another authority is not heard', 'foreign'),
  notLetIn(104, 'a certificate that has ended is not heard', 'expired'),
  only('HTTP/2', notLetIn(105, 'TLS 1.2 is not spoken', 'outdatedTls')),
  one(106, 'the server says which protocol and layouts it speaks', async ({ municipality }) => {
    expect(await municipality.wire('GET', '/v1/health')).toMatchObject({
      status: 200,
      json: { status: 'ready', protocol: 'spi-intermediary/1', layoutVersions: ['2026-07'] },
    });
  }),
  one(107, 'what is no JSON is not read', async ({ municipality }) => {
    expect(await municipality.wire('POST', '/v1/messages', '{"messageId"')).toMatchObject({ status: 400 });
  }),
  one(108, 'a member that stands twice is not read', async ({ municipality }) => {
    const text = JSON.stringify(municipality.envelope('inquiry', accountLine()));
    const twice = text.replace('{', '{"kind":"query",');
    expect(await municipality.wire('POST', '/v1/messages', twice)).toMatchObject({ status: 400 });
  }),
  only(
    'HTTP/2',
    one(109, 'a message over the limit is not read', async ({ municipality }) => {
      const text = `"${'x'.repeat(INTERMEDIARY_MESSAGE_BYTES_MAX)}"`;
      const { status } = await municipality.wire('POST', '/v1/messages', text);
      expect([413, 'broken']).toContain(status);
    }),
  ),
  one(110, 'there is nothing at other paths', async ({ municipality }) => {
    expect(await municipality.wire('GET', '/v1/codes')).toMatchObject({ status: 404 });
  }),
  one(111, 'a message without a number cannot be answered', async ({ municipality }) => {
    const { messageId: _, ...rest } = municipality.envelope('inquiry', accountLine());
    expect(await municipality.wire('POST', '/v1/messages', rest)).toMatchObject({ status: 400 });
  }),
  one(112, 'a handshake finds the layouts that both sides understand', async ({ municipality }) => {
    const answer = await municipality.ask(
      'query',
      { ask: 'handshake', layoutVersions: ['2025-07', '2026-07', '2027-07'] },
      { layoutVersion: '2025-07' },
    );
    expect(bodyOf(answer, 'query')).toEqual({ ask: 'handshake', layoutVersions: ['2026-07'] });
  }),
  one(113, 'a message in a layout that has ended is refused', async ({ municipality }) => {
    const answer = await municipality.ask('inquiry', accountLine(), { layoutVersion: '2025-07' });
    expect(answer).toMatchObject({ status: 'REFUSED', reason: 'LAYOUT_UNKNOWN', body: {} });
  }),
  one(114, 'a message in a layout that nobody knows is refused', async ({ municipality }) => {
    const answer = await municipality.ask('inquiry', accountLine(), { layoutVersion: '2031-01' });
    expect(answer).toMatchObject({ status: 'REFUSED', reason: 'LAYOUT_UNKNOWN' });
  }),
];
