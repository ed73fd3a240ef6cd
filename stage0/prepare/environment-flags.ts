import { DecodeError, show } from '../../schema/decode-error.ts';
import type { Environment, Variable } from '../runtime-config/environment.ts';
import { isOfServiceManager } from '../systemd/variables.ts';

/** The names appc allows (aci.md, environment). */
const NAME = /^[A-Za-z_][A-Za-z_0-9.-]*$/;

/** `NAME=VALUE`; `place` says in errors where it stood. */
export function parseVariable(text: string, place: string): Variable {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(equals, 0));
  if (!NAME.test(name)) throw new DecodeError(place, `expected NAME=VALUE, got ${show(text)}`);
  return { name, value: text.slice(equals + 1) };
}

/** The values of `--set-env`; no variable may be set twice. */
export function parseSetEnv(texts: readonly string[]): Environment {
  return refuseTwice(
    texts.map((text) => parseVariable(text, '--set-env')),
    '--set-env',
  );
}

/** The lines of a file of `--set-env-file`: `NAME=VALUE`; those that begin with `#` or `;` are comments. */
export function parseEnvFile(content: string, path: string): Environment {
  const lines = content.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const meaningful = lines.filter(({ line }) => line !== '' && !/^[#;]/.test(line));
  return refuseTwice(
    meaningful.map(({ line, number }) => parseVariable(line, `${path}:${number}`)),
    path,
  );
}

/** The caller's own environment, as far as appc can say it, but for what a service manager said to the caller alone. */
export function inheritedEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  return Object.entries(env).flatMap(([name, value]) =>
    NAME.test(name) && value !== undefined && !isOfServiceManager(name) ? [{ name, value }] : [],
  );
}

function refuseTwice(variables: Environment, place: string): Environment {
  const names = variables.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new DecodeError(place, `variable ${show(twice)} is set twice`);
  return variables;
}
