import type { Session } from '../../kernel/database/database.js';

/** Whose a levy line is, and of which tax item. */
export async function debtorOf(
  tx: Session,
  levyId: bigint,
): Promise<{ addresseeNo: string; taxItem: string } | undefined> {
  const [row] = await tx.run(
    'levy.debtor',
    ({ raw }) => raw<{ addressee_no: string; tax_item: string }[]>`
    select addressee_no, tax_item from records.levy_line where id = ${String(levyId)}::bigint`,
  );
  return row && { addresseeNo: row.addressee_no, taxItem: row.tax_item };
}

/** Whose a receipt is; nobody's while it is unidentified. */
export async function ownerOf(
  tx: Session,
  receiptId: bigint,
): Promise<{ addresseeNo: string | null } | undefined> {
  const [row] = await tx.run(
    'receipt.owner',
    ({ raw }) => raw<{ addressee_no: string | null }[]>`
    select addressee_no from records.receipt where id = ${String(receiptId)}::bigint`,
  );
  return row && { addresseeNo: row.addressee_no };
}

/** Whether a code is that of a tax item. */
export async function taxItemExists(tx: Session, code: string): Promise<boolean> {
  const rows = await tx.run(
    'taxItem.exists',
    ({ raw }) => raw`select from records.tax_item where code = ${code}`,
  );
  return rows.length > 0;
}
