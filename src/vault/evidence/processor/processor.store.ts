import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import type { Processor } from './processor.js';

/** What is entered of a contract. */
export type ProcessorEntry = Omit<Processor, 'key' | 'auditedOn'>;

/** An audit of a processor (委託先の監査). */
export interface ProcessorAudit {
  readonly processorId: string;
  readonly auditedOn: IsoDate;
  readonly finding: string;
  readonly by: string;
}

/** @param at ISO instant */
export async function insertProcessor(tx: Session, entry: ProcessorEntry, at: string): Promise<void> {
  await tx.run(
    'vault.processor.insert',
    ({ raw }) => raw`
    insert into vault.processor (processor_id, name, contract_no, contract_from, contract_to, scope, basis, responsible,
      staff, places, devices, sub_processor, consented_on, trained_on, entered_by, entered_at)
    values (${entry.processorId}, ${entry.name}, ${entry.contractNo}, ${entry.contractFrom}, ${entry.contractTo},
      ${entry.scope}, ${entry.basis}, ${entry.responsible}, ${[...entry.staff]}::text[], ${[...entry.places]}::text[],
      ${[...entry.devices]}::text[], ${entry.subProcessor}, ${entry.consentedOn}::date, ${entry.trainedOn}::date,
      ${entry.enteredBy}, ${at}::timestamptz)`,
  );
}

/** @param at ISO instant */
export async function insertProcessorAudit(
  tx: Session,
  { processorId, auditedOn, finding, by }: ProcessorAudit,
  at: string,
): Promise<void> {
  await tx.run(
    'vault.processorAudit.insert',
    ({ raw }) => raw`
    insert into vault.processor_audit (processor_id, audited_on, finding, entered_by, entered_at)
    values (${processorId}, ${auditedOn}, ${finding}, ${by}, ${at}::timestamptz)`,
  );
}

/** Which processors. */
export interface ProcessorQuery {
  readonly processorId?: string;
  /** Their contract has a day of this period. */
  readonly from?: IsoDate;
  readonly to?: IsoDate;
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** Processors by the number of their last row, which counts; audits of the period's end or before it. */
export async function readProcessors(
  session: Session,
  { processorId, from, to, after = 0n, limit }: ProcessorQuery,
): Promise<readonly Processor[]> {
  return session.run(
    'vault.processor.read',
    ({ raw }) => raw<Processor[]>`
    with last as (
      select distinct on (processor_id) * from vault.processor
      where ${processorId ?? null}::text is null or processor_id = ${processorId ?? null}
      order by processor_id, id desc)
    select id as key, processor_id as "processorId", name, contract_no as "contractNo",
      contract_from::text as "contractFrom", contract_to::text as "contractTo", scope, basis, responsible, staff,
      places, devices, sub_processor as "subProcessor", consented_on::text as "consentedOn",
      trained_on::text as "trainedOn",
      entered_by as "enteredBy",
      coalesce((select array_agg(a.audited_on::text order by a.audited_on) from vault.processor_audit a
        where a.processor_id = last.processor_id
          and (${to ?? null}::date is null or a.audited_on <= ${to ?? null}::date)), '{}') as "auditedOn"
    from last
    where id > ${String(after)}::bigint
      and (${to ?? null}::date is null or contract_from <= ${to ?? null}::date)
      and (${from ?? null}::date is null or contract_to >= ${from ?? null}::date)
    order by id limit ${limit}`,
  );
}
