import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';

/** 消去証明書, as it was handed out. */
export interface ErasureCertificate {
  readonly certificateId: string;
  /** Compact JWS. */
  readonly signed: string;
  /** Instant in UTC. */
  readonly issuedAt: string;
}

/** A certificate by its number, or none. */
export async function findCertificate(
  session: Session,
  certificateId: string,
): Promise<ErasureCertificate | undefined> {
  const [certificate] = await readCertificates(session, [certificateId]);
  return certificate;
}

/** A certificate that is known to be there. */
export async function keptCertificate(session: Session, certificateId: string): Promise<ErasureCertificate> {
  const [certificate] = (await readCertificates(session, [certificateId])) as [ErasureCertificate];
  return certificate;
}

/** The certificates that there are of these numbers. */
export async function readCertificates(
  session: Session,
  certificateIds: readonly string[],
): Promise<readonly ErasureCertificate[]> {
  const rows = await session.run(
    'vault.certificate.find',
    ({ raw }) => raw<{ certificate_id: string; signed: string; issued_at: string }[]>`
    select certificate_id, signed, issued_at from vault.erasure_certificate
    where certificate_id = any (${[...certificateIds]}::text[]) order by issued_at`,
  );
  return rows.map((row) => ({
    certificateId: row.certificate_id,
    signed: row.signed,
    issuedAt: Temporal.Instant.from(row.issued_at).toString(),
  }));
}

/** Numbers of all certificates. */
export async function certificateIds(session: Session): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.certificate.ids',
    ({ raw }) => raw<{ id: string }[]>`
    select certificate_id as id from vault.erasure_certificate order by issued_at, certificate_id`,
  );
  return rows.map(({ id }) => id);
}

/** Keeps a certificate; one that is there already stays as it was handed out. */
export async function insertCertificate(session: Session, certificate: ErasureCertificate): Promise<void> {
  const { certificateId, signed, issuedAt } = certificate;
  await session.run(
    'vault.certificate.insert',
    ({ raw }) => raw`
    insert into vault.erasure_certificate (certificate_id, signed, issued_at)
    values (${certificateId}, ${signed}, ${issuedAt}) on conflict (certificate_id) do nothing`,
  );
}
