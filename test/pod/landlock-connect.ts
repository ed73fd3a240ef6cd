import { libc } from '../../linux/call.ts';
import { scopeAbstractSockets } from '../../linux/landlock.ts';
import { MS } from '../../linux/mount.ts';
import { CLONE } from '../../linux/namespace.ts';
import { abstractSocket, connectTo } from './landlock-socket.ts';

/** What a process reaches once it has shut itself off: run by landlock.test.ts, whose abstract socket is the first argument. */
const [theirs = ''] = process.argv.slice(2);
const answers = [attempt(() => connectTo(theirs)), scopeAbstractSockets(), attempt(() => connectTo(theirs))];
abstractSocket(`${theirs}-own`);
answers.push(attempt(() => connectTo(`${theirs}-own`)));
libc('unshare', [CLONE.CLONE_NEWNS]);
answers.push(attempt(() => libc('mount', ['none', '/', null, MS.MS_REC | MS.MS_PRIVATE, null])));
process.stdout.write(JSON.stringify(answers));

function attempt(call: () => unknown): string {
  try {
    call();
    return 'ok';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
