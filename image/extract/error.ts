import { showTreePath, type TreePath } from '../tree-path.ts';

/** Something that an archive asks for and a tree cannot have: `extract "a/b": is a hard link to …`. */
export class ExtractError extends Error {
  readonly code: string;

  constructor(path: TreePath, problem: string, options?: { code?: string; cause?: unknown }) {
    super(`extract ${showTreePath(path)}: ${problem}`, { cause: options?.cause });
    this.name = 'ExtractError';
    this.code = options?.code ?? 'ERR_EXTRACT';
  }
}
