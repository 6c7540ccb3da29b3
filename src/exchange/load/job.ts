import type { AuditLog } from '../../audit/log.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Layout } from '../layout/compile.js';
import type { SourceFile } from './file.js';
import type { BadRecords, OnBadLine } from './setAside.js';

/** Who loads: what the audit record says of the person (handbook 11 §4.1). */
export interface LoadActor {
  readonly actorId: string;
  readonly roles: readonly string[];
  readonly department: string;
  readonly terminal: string;
  readonly sessionId: string;
  readonly strength: string;
  readonly clientApp: string;
  readonly purpose: string;
}

/** How far a load is: bytes while reading, records while posting. */
export interface LoadProgress {
  readonly phase: 'reading' | 'matching' | 'posting';
  readonly done: number;
  readonly total: number;
}

export interface LoadOptions {
  /** As `kuramori_loader`. */
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'appendIn'>;
  readonly clock: Clock;
  readonly path: string;
  readonly actor: LoadActor;
  readonly requestId: string;
  /** Default `reject`. */
  readonly onBadLine?: OnBadLine;
  /** 収入日 for files whose header does not say it; default today. */
  readonly bookedOn?: IsoDate;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** One load under way, in its one transaction. */
export interface LoadJob {
  readonly tx: Session;
  readonly file: SourceFile;
  readonly layout: Layout;
  readonly changeId: bigint;
  /** Today in Japan. */
  readonly today: IsoDate;
  readonly bookedOn: IsoDate;
  /** 市区町村コード of this database. */
  readonly municipalityCode: string;
  /** Tax item codes: as banks and the assessment system write them → ours. */
  readonly taxItems: ReadonlyMap<string, string>;
  readonly bad: BadRecords;
  readonly progress: (progress: LoadProgress) => void;
}
