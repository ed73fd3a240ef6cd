import { writeSync } from 'node:fs';
import { cwd } from 'node:process';
import { isAttachMode, parseDetachKeys } from '../schema/attach-words.ts';
import { attachToApp } from './attach/attach.ts';
import { attend } from './attach/attend.ts';
import { readAttended } from './attach/attended.ts';
import { becomeRoot } from './become-root.ts';
import { dryRun } from './dry-run.ts';
import { enterApp } from './enter/enter.ts';
import { flyDryRun, flyPod } from './fly.ts';
import { collectGarbage } from './gc.ts';
import { resumePod, runPod } from './run.ts';
import { tryIdmap } from './user-namespace/try-idmap.ts';

/** What tsrkt uses for every failure that is not an app's own. */
const FAILURE = 254;

type Operands = readonly string[];

/** Numbered by the contract in ARCHITECTURE.md: how stage0 speaks to a stage1. */
const COMMANDS: Readonly<Record<string, (operands: readonly string[]) => number>> = {
  run: (operands) => (isDry(operands) ? dryRun() : runPod(podOf(operands))),
  fly: (operands) => (isDry(operands) ? flyDryRun() : flyPod(podOf(operands))),
  resume: (operands) => resumePod(podOf(operands)),
  gc: (operands) => collectGarbage({ uuid: uuidOf(operands), directory: cwd() }),
  enter: (operands) => enterApp(entranceOf(operands)),
  attach: (operands) => attachToApp(attachmentOf(operands)),
  attend: (operands) => attend(attendedOf(operands)),
  'try-idmap': tryOneIdmap,
  'become-root': (operands) => becomeRoot(programOf(operands)),
};

function main([name = '', ...operands]: readonly string[]): number {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError();
  return command(operands);
}

function isDry([first]: readonly string[]): boolean {
  return first === '--dry-run';
}

function tryOneIdmap([directory, ...others]: Operands): number {
  if (directory === undefined || others.length > 0) throw new UsageError();
  tryIdmap(directory);
  return 0;
}

function programOf([path, ...argv]: Operands) {
  if (path === undefined || argv.length === 0) throw new UsageError();
  return { path, argv, namespace: inheritedFd('TSRKT_USER_NAMESPACE_FD') };
}

/** `[--privileged] [--terminal] UUID APP -- COMMAND…` */
function entranceOf(operands: Operands) {
  const end = operands.indexOf('--');
  const words = operands.slice(0, Math.max(end, 0));
  const [, app, ...others] = words.filter((word) => !word.startsWith('--'));
  const command = operands.slice(end + 1);
  if (app === undefined || others.length > 0 || command.length === 0) throw new UsageError();
  return {
    directory: cwd(),
    app,
    process: inheritedFd('TSRKT_APP_FD'),
    privileged: words.includes('--privileged'),
    terminal: words.includes('--terminal'),
    command,
  };
}

/** `MODE KEYS UUID APP` */
function attachmentOf([mode, keys = '', uuid, app, ...others]: Operands) {
  const detachKeys = parseDetachKeys(keys);
  if (
    mode === undefined ||
    !isAttachMode(mode) ||
    detachKeys === undefined ||
    uuid === undefined ||
    app === undefined ||
    others.length > 0
  )
    throw new UsageError();
  return { directory: cwd(), app, mode, detachKeys };
}

function attendedOf(operands: Operands) {
  const attended = readAttended(operands);
  if (attended === undefined) throw new UsageError();
  return attended;
}

function podOf(operands: Operands) {
  return { uuid: uuidOf(operands), directory: cwd(), lockFd: inheritedFd('TSRKT_LOCK_FD') };
}

function uuidOf(operands: Operands): string {
  const [uuid] = operands;
  if (operands.length !== 1 || uuid === undefined) throw new UsageError();
  return uuid;
}

function inheritedFd(name: string): number | undefined {
  const fd = Number(process.env[name] || Number.NaN);
  return Number.isSafeInteger(fd) && fd > 2 ? fd : undefined;
}

class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  readonly hint = 'tsrkt starts stage1; its contract is in ARCHITECTURE.md';
  constructor() {
    super(
      'usage: stage1 run UUID | run --dry-run - | fly UUID | fly --dry-run - | gc UUID | enter UUID APP -- COMMAND… | attach MODE KEYS UUID APP | try-idmap DIRECTORY | become-root FILE ARGV0 [ARGUMENT…]',
    );
  }
}

/** One sentence and a hint; only a bug has a stack. By writeSync: opening the runtime's stderr stream takes 15 ms. */
function report(error: unknown): void {
  const { message, hint, code, stack } = error as Error & { hint?: string; code?: string };
  const text = typeof code === 'string' ? message : `this is a bug in tsrkt: ${stack}`;
  writeSync(2, `stage1: ${text}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}

try {
  process.exit(main(process.argv.slice(2)));
} catch (error) {
  report(error);
  process.exit(FAILURE);
}
