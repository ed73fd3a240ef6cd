import { type Infer, integer, object, optional, string } from '../decode.ts';

/** What a plugin that failed printed (CNI spec, section 5, error). */
export type CniError = Infer<typeof cniError>;

export const cniError = object({ code: integer(0), msg: string, details: optional(string) });
