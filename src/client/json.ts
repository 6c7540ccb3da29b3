/** What JSON can hold. Members that are `undefined` are left out, as JSON does. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object: the body of an operation. */
export interface JsonObject {
  readonly [member: string]: Json | undefined;
}
