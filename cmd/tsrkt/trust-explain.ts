import type { Explanation } from '../../image/explain-image.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import { recordJson, recordOf } from '../../trust/decision-record.ts';
import { explain } from '../../trust/explain.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { FAILURE } from '../report-error.ts';
import { refuseArguments, splitAppArgs } from './app-args.ts';
import { SIGNATURE_FLAG, signatureFile } from './app-flags.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';

const FLAGS = { ...FORMAT_FLAG } as const satisfies Flags;

export const trustExplain: Command<Globals> = {
  usage: '[FLAGS] IMAGE [--signature=FILE]',
  summary:
    'Says why a file or an image of the store is trusted, or why not: rule, signatures, keys, and what was decided when it came. ' +
    'Exits with 254 if it would not run today.',
  example: 'tsrkt trust explain example.com/hello',
  flags: FLAGS,
  appFlags: SIGNATURE_FLAG,
  async run({ globals, tokens }) {
    refuseArguments(tokens);
    const { podFlags, apps } = splitAppArgs(tokens, Object.keys(SIGNATURE_FLAG));
    const [app, another] = apps;
    if (app === undefined || another !== undefined) throw new UsageError('expected one image');
    becomeRoot();
    const { openStore } = await import('../../image/store.ts');
    const { explainImage } = await import('../../image/explain-image.ts');
    const wanted = { reference: app.reference, signatureFile: signatureFile(app) };
    const options = { ...fetchOptions('explain', globals, 'never'), insecureImage: false };
    const found = await explainImage(openStore(globals.dataDirectory), wanted, options);
    const { format } = flagValues(FLAGS, podFlags);
    print(formatAs(format, explanationJson(found)) ?? explain(found.decision, found.record).join('\n'));
    return found.decision.verdict.accepted ? 0 : FAILURE;
  },
};

function explanationJson({ decision, record }: Explanation) {
  const { accepted, verified, reason } = decision.verdict;
  return {
    accepted,
    verified,
    reason,
    today: recordJson({ ...recordOf(decision), reason }),
    ...(record === undefined ? {} : { kept: recordJson(record) }),
  };
}
