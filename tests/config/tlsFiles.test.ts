import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { secretFile, watched } from '../../src/config/setting.js';
import { contentOf, TlsReloader, type TlsChange, type TlsPem } from '../../src/config/tlsFiles.js';
import { TLS_FILES_CHECK_MS } from '../../src/kernel/limits.js';
import { serviceOf } from '../../src/vault/client/service.js';
import { authority, clockAt, folder } from '../vault/http/support.js';

const home = folder();
const early = await authority(home, clockAt(-22));
const house = await authority(home);
const late = await authority(home, clockAt(25));
const stranger = await authority();
const pemOf = ({ ca, vault }: typeof house): TlsPem => ({ ca, key: vault.key, certificate: vault.cert });
const [FIRST, NEXT] = [pemOf(early), pemOf(house)];

const place = mkdtempSync(join(tmpdir(), 'kuramori-tls-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const path = (part: keyof TlsPem) => join(place, part);
const write = (pem: Partial<TlsPem>) => {
  for (const [part, content] of Object.entries(pem))
    writeFileSync(path(part as keyof TlsPem), content, { mode: 0o600 });
};

let reloader: TlsReloader;
let told: TlsChange[];
let served: TlsPem;
beforeEach(() => {
  write(FIRST);
  const read = watched(secretFile);
  const files = { key: read(path('key')), certificate: read(path('certificate')), ca: read(path('ca')) };
  told = [];
  served = contentOf(files);
  reloader = new TlsReloader(files, {
    clock: clockAt(0),
    isOurs: (name) => serviceOf(name) === 'vault',
    take: (pem) => (served = pem),
    tell: (change) => told.push(change),
  });
});
afterEach(() => reloader.close());

describe('key and certificate of a running process', () => {
  test('are taken anew when somebody says so', () => {
    reloader.reload();
    expect([served, told]).toEqual([FIRST, []]);
    write(NEXT);
    reloader.reload();
    expect(served).toEqual(NEXT);
    expect(told).toEqual([{ taken: true, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }]);
    reloader.reload();
    expect(told).toHaveLength(1);
  });

  test('are taken by themselves once they are found the same twice', () => {
    write(NEXT);
    reloader.check();
    expect(served).toEqual(FIRST);
    reloader.check();
    expect(served).toEqual(NEXT);
    reloader.check();
    expect(told).toHaveLength(1);
  });

  test('are not looked at half written', () => {
    write({ key: NEXT.key });
    reloader.check();
    write({ certificate: NEXT.certificate });
    reloader.check();
    reloader.check();
    expect(told).toEqual([expect.objectContaining({ taken: true })]);
    expect(served).toEqual(NEXT);
  });

  test('may come from another authority, when all three do', () => {
    write(pemOf(stranger));
    reloader.reload();
    expect(served).toEqual(pemOf(stranger));
  });

  test('are looked at every few seconds, until it is closed', () => {
    vi.useFakeTimers();
    try {
      const looked = vi.fn<() => string>(() => 'none');
      const file = { content: 'none', read: looked };
      const watching = new TlsReloader(
        { key: file, certificate: file, ca: file },
        { clock: clockAt(0), isOurs: () => true, take: () => undefined, tell: () => undefined },
      );
      vi.advanceTimersByTime(TLS_FILES_CHECK_MS);
      expect(looked).toHaveBeenCalledTimes(3);
      watching.close();
      vi.advanceTimersByTime(TLS_FILES_CHECK_MS);
      expect(looked).toHaveBeenCalledTimes(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what does not fit together', () => {
  test.each([
    ['keyMismatch', { key: NEXT.key }],
    ['malformed', { ...NEXT, key: 'no key' }],
    ['malformed', { ...NEXT, certificate: '' }],
    ['malformed', { ...NEXT, ca: '' }],
    ['notYetValid', pemOf(late)],
    ['otherName', { key: house.gateway.key, certificate: house.gateway.cert }],
    ['otherAuthority', { ...NEXT, ca: stranger.ca }],
    ['otherAuthority', { ...NEXT, certificate: NEXT.certificate + stranger.ca }],
  ] as const)('is refused once (%s), and the old one serves on', (fault, change) => {
    write(change);
    for (let n = 0; n < 4; n++) reloader.check();
    expect(told).toEqual([{ taken: false, fault }]);
    expect(served).toEqual(FIRST);
    reloader.reload();
    expect(told).toHaveLength(2);
    write(NEXT);
    reloader.reload();
    expect(served).toEqual(NEXT);
  });

  test('is refused when it has ended', () => {
    const ended = new TlsReloader(
      Object.fromEntries(
        Object.entries(FIRST).map(([part, content]) => [
          part,
          { content: 'before', read: () => readFileSync(path(part as keyof TlsPem), 'utf8'), [content]: 0 },
        ]),
      ) as never,
      {
        clock: clockAt(9),
        isOurs: () => true,
        take: () => undefined,
        tell: (change) => told.push(change),
      },
    );
    ended.reload();
    ended.close();
    expect(told).toEqual([{ taken: false, fault: 'expired' }]);
  });

  test('is refused when others may read the key', () => {
    write(NEXT);
    chmodSync(path('key'), 0o644);
    reloader.reload();
    expect(told).toEqual([{ taken: false, fault: 'unreadable' }]);
    chmodSync(path('key'), 0o600);
    reloader.reload();
    expect(served).toEqual(NEXT);
  });
});
