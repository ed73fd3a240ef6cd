import { callInt, callLong } from './libc.ts';
import { signalMask } from './signal.ts';

/** signal.h */
const SIG_DFL = 0;
const SIG_SETMASK = 2;

/** Ends this process by a signal, whether it was blocked or handled before. Returns where the signal's default is to end nothing. */
export function endBySignal(signal: number): void {
  callLong('signal', [signal, SIG_DFL]);
  callInt('pthread_sigmask', [SIG_SETMASK, signalMask([signal]), null]);
  process.kill(process.pid, signal);
}
