import { strerror } from '../../linux/libc.ts';
import { TrustError } from '../../trust/trust-error.ts';

/** An image that could not be brought into the store: `import "hello.aci": ACI: no "manifest"`. */
export class ImportError extends Error {
  readonly code: string;

  constructor(source: string, problem: string, options?: { code?: string; cause?: unknown }) {
    super(`import ${JSON.stringify(source)}: ${problem}`, { cause: options?.cause });
    this.name = 'ImportError';
    this.code = options?.code ?? 'ERR_IMPORT';
  }
}

/** Runs `work`; an expected error comes out as an ImportError that says which import failed, with the same code. */
export async function importing<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = expectedCode(error);
    if (code === undefined || error instanceof ImportError || error instanceof TrustError) throw error;
    throw new ImportError(source, explain(error), { code, cause: error });
  }
}

/** A data directory whose image store cannot be used. */
export class StoreError extends Error {
  readonly code: string;

  constructor(dataDirectory: string, code: string, cause: unknown) {
    super(`open image store in ${JSON.stringify(dataDirectory)}: ${explain(cause)}`, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The code of an error that is not a bug. */
export function expectedCode(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof code === 'string' ? code : undefined;
}

/** What went wrong; of Node's own errors the call and the errno, without the paths in `cas/tmp` that nobody knows. */
function explain(error: unknown): string {
  const { errno, syscall, code, message } = error as NodeJS.ErrnoException;
  const isNodes = errno !== undefined && syscall !== undefined;
  return isNodes ? `${syscall}: ${code} (${strerror(Math.abs(errno))})` : message;
}
