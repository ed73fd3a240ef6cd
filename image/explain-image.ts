import { statSync } from 'node:fs';
import { show } from '../schema/decode-error.ts';
import type { DecisionRecord } from '../trust/decision-record.ts';
import { type Decision, evaluate } from '../trust/evaluate.ts';
import { storedImages } from './describe.ts';
import { FetchError } from './fetch/fetch-error.ts';
import { decideAgain } from './fetch/judge.ts';
import { decisionIn } from './fetch/kept-decision.ts';
import type { FetchOptions, ImageRequest } from './fetch/options.ts';
import { parseReference } from './reference.ts';
import type { Store } from './store/layout.ts';

/** What is decided about an image today, and what was when it came into the store. */
export interface Explanation {
  readonly decision: Decision;
  readonly record: DecisionRecord | undefined;
}

/** Decides about a file or an image of the store, for or against it, and changes nothing. */
export async function explainImage(
  store: Store,
  request: ImageRequest,
  options: FetchOptions,
): Promise<Explanation> {
  const reference = parseReference(request.reference, { isFile, host: options.host });
  if (reference.kind === 'file') {
    const { caseOfFile } = await import('./fetch/case-of-file.ts');
    const { question } = await caseOfFile(reference.path, request, options);
    return { decision: await evaluate(question, options.trust()), record: undefined };
  }
  const [image] = storedImages(store, reference);
  if (image === undefined)
    throw new FetchError('ERR_NOT_FOUND', `image ${show(request.reference)} is not in the store`);
  const { blob, name, verification } = image.record;
  const record = decisionIn(verification, request.reference);
  const kept = { request: request.reference, name, blob, verification };
  return { decision: await decideAgain(record, kept, options.trust()), record };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
