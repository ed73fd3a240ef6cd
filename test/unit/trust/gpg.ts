import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A GnuPG home of its own, with its own agent; keys and signatures of the tests come from it, not from the code under test. */
export interface GpgHome extends Disposable {
  readonly directory: string;
  /** Runs gpg, at `date` (`20200101T000000`) if given; answers its standard output. */
  gpg(args: readonly string[], options?: { input?: string | Uint8Array; date?: string }): Buffer;
  /** Makes a key for `user` and answers its fingerprint, lower case. */
  key(
    user: string,
    options?: { algorithm?: string; usage?: string; expires?: string; date?: string },
  ): string;
  /** The public key, armored. */
  export(fingerprint: string, ...options: string[]): Buffer;
  /** A detached signature of `data` by `signer`. */
  sign(signer: string, data: Uint8Array, options?: { date?: string; args?: readonly string[] }): Buffer;
  /** Writes a file into the home; answers its path. */
  file(name: string, content: string | Uint8Array): string;
}

export function gpgHome(): GpgHome {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-gpg-'));
  const gpg: GpgHome['gpg'] = (args, { input = '', date } = {}) =>
    execFileSync(
      'gpg',
      [
        ...['--homedir', directory, '--batch', '--quiet', '--no-tty', '--yes', '--pinentry-mode', 'loopback'],
        ...['--passphrase', '', '--trust-model', 'always', '--no-auto-check-trustdb'],
        ...(date === undefined ? [] : ['--faked-system-time', `${date}!`]),
        ...args,
      ],
      { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28 },
    );
  const fingerprints = () =>
    [
      ...gpg(['--list-keys', '--with-colons'])
        .toString()
        .matchAll(/^pub:.*\n(?:.*\n)*?fpr:+([0-9A-F]+):/gm),
    ].map((match) => String(match[1]).toLowerCase());
  return {
    directory,
    gpg,
    key(user, { algorithm = 'ed25519', usage = 'sign,cert', expires = 'never', date } = {}) {
      const before = new Set(fingerprints());
      gpg(['--quick-generate-key', user, algorithm, usage, expires], date === undefined ? {} : { date });
      return String(fingerprints().find((fingerprint) => !before.has(fingerprint)));
    },
    export: (fingerprint, ...options) => gpg(['--armor', ...options, '--export', fingerprint]),
    sign(signer, data, { date, args = [] } = {}) {
      const command = ['--local-user', signer, ...args, '--output', '-', '--detach-sign'];
      return gpg(command, date === undefined ? { input: data } : { input: data, date });
    },
    file(name, content) {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    },
    [Symbol.dispose]() {
      execFileSync('gpgconf', ['--homedir', directory, '--kill', 'all']);
      removeBesideAgent(directory);
    },
  };
}

/**
 * An agent that ends removes its sockets; where rmSync() meets a name that has just gone, `force` makes it give up
 * without a word and leave the rest.
 */
function removeBesideAgent(directory: string): void {
  for (let tries = 0; existsSync(directory) && tries < 100; tries++)
    rmSync(directory, { recursive: true, force: true });
  if (existsSync(directory)) throw new Error(`${directory} could not be removed`);
}

/** The bytes of an armored file, as gpg reads it. */
export function dearmor(home: GpgHome, armored: Uint8Array): Buffer {
  return home.gpg(['--dearmor'], { input: armored });
}

/** A file of the home. */
export function readHome(home: GpgHome, name: string): Buffer {
  return readFileSync(join(home.directory, name));
}
