import { isIP } from 'node:net';

/**
 * The name under which an address is counted: IPv4 as it is, also when mapped into IPv6; of IPv6 the /64, because one
 * subscriber has all addresses of it; anything else in one heap.
 */
export function addressKey(address: string): string {
  const bare = withoutMapping(address);
  const version = isIP(bare);
  if (version === 4) return bare;
  if (version === 6) return `${groups(bare).slice(0, 4).join(':')}::/64`;
  return 'unknown';
}

/** An IPv4 address that came mapped into IPv6, as a socket for both tells it, as it is. */
export function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** @param address valid IPv6, perhaps with a zone */
function groups(address: string): string[] {
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = Math.max(8 - before.length - after.length, 0);
  return [...before, ...Array<string>(missing).fill('0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, '').toLowerCase(),
  );
}
