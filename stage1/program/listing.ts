import { errnoName } from '../../linux/libc.ts';
import type { Arg, Program, Step } from './step.ts';

/**
 * A program as text, one call a line, much like strace(1): what `--dry-run` prints. Results that later steps use have
 * names (`= rootfs`); `?` marks a call whose failure the program survives, with the errno where it is only that one.
 */
export function listing(program: Program): string {
  return [`# ${program.name}`, ...program.steps.map(line)].join('\n');
}

function line(step: Step): string {
  const call = `${step.call}(${step.args.map(show).join(', ')})`;
  return [call, result(step), step.fork ? '→ the child goes on' : '', comment(step)]
    .filter(Boolean)
    .join(' ');
}

function result({ as }: Step): string {
  return as === undefined ? '' : `= ${as}`;
}

function comment({ tolerate, skip }: Step): string {
  if (tolerate === undefined) return '';
  const which = tolerate === 'any' ? '' : ` ${errnoName(tolerate)}`;
  return skip ? `?${which} (else skips ${skip})` : `?${which}`;
}

function show(arg: Arg): string {
  if (typeof arg === 'number') return String(arg);
  if ('shown' in arg) return arg.shown;
  if ('text' in arg) return JSON.stringify(arg.text);
  if ('vector' in arg) return `[${arg.vector.map((s) => JSON.stringify(s)).join(', ')}]`;
  if ('from' in arg) return arg.from;
  return `&${arg.argOf}.args[${arg.index}]`;
}
