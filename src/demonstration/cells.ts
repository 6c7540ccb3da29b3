import type { DayNo } from './days.js';
import type { Yen } from '../kernel/yen.js';

/** What a cell is, and the PostgreSQL type of its column. `?` after the kind allows null. */
export interface Cells {
  id: number;
  yen: Yen;
  int: number;
  text: string;
  day: DayNo;
  bool: boolean;
  instant: string;
  uuid: string;
  json: string;
}
/** What a cell is. */
export type Kind = keyof Cells;
/** What the cells of a column are. */
export type Column = Kind | `${Kind}?`;
