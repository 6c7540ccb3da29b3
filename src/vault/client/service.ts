/** The URI in a certificate that names a service of the house. */
const SERVICE_URI = /^URI:urn:kuramori:service:([a-z][a-z0-9-]{0,31})$/;

/**
 * The service a certificate was made out to: `urn:kuramori:service:<name>` among its alternative names, once.
 * @param subjectAltName as Node writes it: `URI:…, DNS:…`. A name that Node had to quote could hold a comma and pass
 *   for two names, so it is refused
 * @returns undefined when it names no service, or several
 */
export function serviceOf(subjectAltName: string | undefined): string | undefined {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return undefined;
  const names = subjectAltName.split(', ').flatMap((part) => SERVICE_URI.exec(part)?.[1] ?? []);
  return names.length === 1 ? names[0] : undefined;
}
