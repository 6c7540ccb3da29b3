import postgres from 'postgres';
import { DATABASE_URL, POOL_CONNECTIONS_MAX } from './serving.js';

const PG_INT8 = 20;
const PG_DATE = 1082;

/** Statements are prepared, which is the driver's default; yen are exact as numbers, days are text. */
export const sql = postgres(DATABASE_URL, {
  max: POOL_CONNECTIONS_MAX,
  types: {
    yen: { to: PG_INT8, from: [PG_INT8], parse: Number, serialize: String },
    day: { to: PG_DATE, from: [PG_DATE], parse: (text: string) => text, serialize: String },
  },
});
