// npm run hello: from a fresh checkout to an HTTP server in a pod. `-- --once`: ask it once, stop it, exit.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from './build.mjs';
import { bunPath } from './bun.mjs';
import { checkout } from './checkout.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { mustRun } from './run-command.mjs';

const tsrkt = join(checkout, 'dist/tsrkt');
const image = join(checkout, 'hello.aci');

try {
  process.exitCode = await hello(process.argv.includes('--once'));
} catch (error) {
  console.error(`npm run hello: ${error.message}`);
  process.exitCode = 1;
}

async function hello(askOnce) {
  if (process.getuid?.() !== 0) throw new Error('needs root, because the pod gets a network of its own');
  ensureNodeModules();
  ensureDebianPackages(['run', 'hello']);
  build();
  if (!existsSync(image)) mustRun(bunPath(), ['scripts/hello-aci.ts', image]);
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-hello-'));
  try {
    return await runPod(join(directory, 'uuid'), askOnce);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function runPod(uuidFile, askOnce) {
  process.on('SIGINT', () => {}); // Ctrl-C is for the pod; we end when it has ended
  const args = ['run', '--insecure-options=image', '--net=default', `--uuid-file-save=${uuidFile}`, image];
  const pod = spawn(tsrkt, args, { stdio: 'inherit' });
  const ended = once(pod, 'exit').then(([status, signal]) => status ?? `by ${signal}`);
  try {
    const answer = await Promise.race([firstAnswer(uuidFile), ended.then(endedEarly)]);
    if (askOnce) return await stopPod(answer, ended);
    console.error(`the pod answers at ${answer.url}   try: curl ${answer.url}`);
    console.error(`to stop it: Ctrl-C here, or elsewhere: ${tsrkt} stop ${answer.uuid}`);
  } catch (error) {
    pod.kill('SIGTERM');
    throw error;
  }
  const status = await ended;
  return typeof status === 'number' ? status : 1;
}

async function stopPod({ uuid, text }, ended) {
  process.stdout.write(text);
  mustRun(tsrkt, ['stop', uuid]);
  await ended;
  mustRun(tsrkt, ['rm', uuid]);
  return 0;
}

/** Waits for the pod to have an address, and for the server to answer there. */
async function firstAnswer(uuidFile) {
  for (let tries = 0; tries < 150; tries++) {
    await setTimeout(100);
    const uuid = existsSync(uuidFile) ? readFileSync(uuidFile, 'utf8').trim() : '';
    const address = uuid && addressOf(uuid);
    if (!address) continue;
    const url = `http://${address}:5000/`;
    const text = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text !== undefined) return { uuid, url, text };
  }
  throw new Error('the pod does not answer after 15 seconds');
}

function addressOf(uuid) {
  const status = execFileSync(tsrkt, ['status', uuid], { encoding: 'utf8' });
  return /^networks=.*?ip4=([0-9.]+)/m.exec(status)?.[1];
}

function endedEarly(status) {
  throw new Error(`the pod ended before it answered, exit status ${status}`);
}
