import { closeSync, readSync } from 'node:fs';
import { memoryFile } from '../../linux/descriptor.ts';
import { AT_EMPTY_PATH, F_SETFD } from '../../linux/fcntl.ts';
import { words } from '../../linux/words.ts';
import { elfExecutable, PF } from './elf.ts';
import { encode, readResults, STEP_SIZE } from './encode.ts';
import { failure } from './failure.ts';
import { machineCode } from './machine-code.ts';
import { type Spawned, spawn } from './spawn.ts';
import { type Arg, type Program, type Step, text, vector } from './step.ts';

const CODE = 0x40_0000;
const BOOT = 0x50_0000;
const PAGE = 4096;
/** Behind the one step that maps them, so that the trampoline walks from it right into them. */
const STEPS = BOOT + PAGE;

/** asm-generic/mman.h */
const PROT_READ_WRITE: Arg = { value: 3, shown: 'PROT_READ|PROT_WRITE' };
const MAP_SHARED_FIXED: Arg = { value: 0x11, shown: 'MAP_SHARED|MAP_FIXED' };

/**
 * Starts a child that runs a program as an executable of its own, a few pages large, and returns while it runs. Whatever it
 * joins sees that as its memory and as its /proc/PID/exe: never the memory of the supervisor, nor its file, which an image
 * could overwrite by executing /proc/self/exe (CVE-2019-5736). Of our file descriptors it has those the program keeps.
 */
export function spawnApart(program: Program): Spawned {
  const bytes = encode(program, STEPS);
  const steps = memoryFile('steps', bytes);
  const image = memoryFile(`tsrkt: ${program.name}`, imageOf(steps, bytes.length));
  try {
    using stub = spawn(compileStub(program, image, steps), 0, true);
    const error = failure(stub.program, stub.results());
    if (error !== undefined) throw error;
    return {
      program,
      pid: stub.pid,
      results: () => resultsIn(steps, program.steps.length),
      [Symbol.dispose]: () => closeSync(steps),
    };
  } catch (error) {
    closeSync(steps);
    throw error;
  } finally {
    closeSync(image);
  }
}

/** What runs on our memory, in our own namespaces: the descriptors the program keeps, and the program itself. */
function compileStub(program: Program, image: number, steps: number): Program {
  const keep = [...new Set([...(program.keeps ?? []), steps])];
  const how: Arg = { value: AT_EMPTY_PATH, shown: 'AT_EMPTY_PATH' };
  return {
    name: program.name,
    steps: [
      ...keep.map((fd): Step => ({ call: 'fcntl', args: [fd, F_SETFD, 0], tolerate: 'any' })),
      {
        call: 'execveat',
        args: [image, text(''), vector(['tsrkt', program.name]), vector([]), how],
        what: 'execute the spawn program',
      },
    ],
  };
}

/** Maps the steps, shared with us who read their results, and walks on into them. */
function imageOf(steps: number, length: number): Buffer {
  const { trampoline, loadSteps, elfMachine } = machineCode();
  const map: Step = { call: 'mmap', args: [STEPS, length, PROT_READ_WRITE, MAP_SHARED_FIXED, steps, 0] };
  const boot = Buffer.alloc(PAGE);
  boot.set(encode({ name: 'boot', steps: [map] }, BOOT), PAGE - STEP_SIZE);
  return elfExecutable(elfMachine, [
    {
      address: CODE,
      permissions: PF.R | PF.X,
      content: Buffer.concat([loadSteps, words([STEPS - STEP_SIZE]), trampoline]),
    },
    { address: BOOT, permissions: PF.R | PF.W, content: boot },
  ]);
}

function resultsIn(steps: number, count: number): readonly (number | undefined)[] {
  const table = Buffer.alloc(count * STEP_SIZE);
  readSync(steps, table, 0, table.length, 0);
  return readResults(table);
}
