import { strerror } from '../../linux/libc.ts';

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
    if (error instanceof ImportError || !(error instanceof Error)) throw error;
    const { code, errno, syscall } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    const isNodes = errno !== undefined && syscall !== undefined;
    const problem = isNodes ? `${syscall}: ${code} (${strerror(Math.abs(errno))})` : error.message;
    throw new ImportError(source, problem, { code, cause: error });
  }
}
