import { formatJson } from '../schema/format-json.ts';
import { type Flags, UsageError } from './flag.ts';

export const FORMAT_FLAG = {
  format: { kind: 'string', value: 'FORMAT', describe: 'json or json-pretty' },
} as const satisfies Flags;

/** How `--format` wants a value: as one line of JSON, indented, or not as JSON at all. */
export function formatAs(format: string | undefined, value: unknown): string | undefined {
  switch (format) {
    case undefined:
      return undefined;
    case 'json':
      return formatJson(value);
    case 'json-pretty':
      return formatJson(value, 2);
    default:
      throw new UsageError(`--format: expected json or json-pretty, got ${JSON.stringify(format)}`);
  }
}
