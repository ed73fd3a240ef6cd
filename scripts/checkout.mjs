import { join } from 'node:path';

/** The directory of this checkout: every script works from here, wherever it was started. */
export const checkout = join(import.meta.dirname, '..');
