import { customType, date, timestamp } from 'drizzle-orm/pg-core';

/** A calendar day, ISO text in TypeScript. */
export const day = (name: string) => date(name, { mode: 'string' });

/** An instant with zone, ISO text in TypeScript. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/** Bytes as they are. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
