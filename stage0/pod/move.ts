import { moveDurably } from '../../linux/durable-file.ts';
import { podPath } from './directory.ts';
import { movedTo, type Pod } from './open.ts';
import type { PodDirectory } from './state.ts';

/** Moves a pod whose lock is ours on to another directory; both directories are on the disk when it returns. */
export function movePod(dataDirectory: string, pod: Pod, to: PodDirectory): Pod {
  if (pod.lock === undefined) throw new TypeError(`pod ${pod.uuid} is moved without its lock`);
  moveDurably(podPath(dataDirectory, pod.directory, pod.uuid), podPath(dataDirectory, to, pod.uuid));
  return movedTo(pod, to);
}
