/**
 * Environment variables and options with which Bun, inside a compiled executable, would run code that is not ours:
 * BUN_BE_BUN=1 makes the executable a Bun, BUN_OPTIONS=--preload=FILE loads FILE first, BUN_INSPECT* opens a debugger,
 * BUN_JSC_functionOverrides=FILE replaces function bodies. Bun has no build option against any of them.
 */
export const armed = ['BUN_BE_BUN', 'BUN_OPTIONS', 'BUN_INSPECT', 'functionOverrides'];

/**
 * Makes an executable deaf to them: each name's first byte becomes NUL, which no environment can spell.
 * A name that is not found means a Bun we do not know: an error, not a silent hole.
 * @param {Buffer} executable changed in place
 */
export function disarm(executable) {
  for (const name of armed) {
    let found = 0;
    for (let at = executable.indexOf(name); at >= 0; at = executable.indexOf(name, at + 1)) {
      executable[at] = 0;
      found++;
    }
    if (found === 0)
      throw new Error(`disarm ${name}: not found in the executable; this Bun must be looked at`);
  }
}
