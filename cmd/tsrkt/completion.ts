import type { Command } from '../command.ts';
import type { CompletableCommand } from '../completion.ts';
import { UsageError } from '../flag.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { GLOBAL_FLAGS, type Globals } from './globals.ts';

/** A command as the list of all commands has it. */
interface Listed {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command<Globals>>;
}

/** The command `completion`, which completes all of `commands`. */
export const completionOf = (commands: readonly Listed[]): Command<Globals> => ({
  usage: 'bash | zsh | fish',
  summary: 'Prints a script that teaches a shell to complete the commands and flags of tsrkt.',
  example: 'tsrkt completion bash > /etc/bash_completion.d/tsrkt',
  flags: {},
  async run({ tokens }) {
    const [name, ...others] = positionals(tokens).words;
    const shell = (['bash', 'zsh', 'fish'] as const).find((each) => each === name);
    if (shell === undefined || others.length > 0)
      throw new UsageError(
        `expected bash, zsh or fish${name === undefined ? '' : `, got ${JSON.stringify(name)}`}`,
      );
    const { completionScript } = await import('../completion.ts');
    const completable = { program: 'tsrkt', commands: await loadAll(commands), globalFlags: GLOBAL_FLAGS };
    print(completionScript(shell, completable));
    return 0;
  },
});

function loadAll(commands: readonly Listed[]): Promise<readonly CompletableCommand[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const { flags, appFlags = {}, usage } = await load();
      return { name, summary, flags: { ...flags, ...appFlags }, takesPods: /(^| )UUID(…|$| )/.test(usage) };
    }),
  );
}
