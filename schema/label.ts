import { type AcIdentifier, acIdentifier } from './ac-identifier.ts';
import { type Decoder, type Infer, object, refine, string, uniqueArray } from './decode.ts';
import { DecodeError, item, show } from './decode-error.ts';
import { osArchitectures } from './os-arch.ts';

export type Label = Infer<typeof label>;
export type Labels = readonly Label[];

const label = object({ name: acIdentifier, value: string });

/** The labels of an image: unique, none called `name`, and `os` and `arch` from the appc spec's table. */
export const labels: Decoder<Labels> = refine(
  uniqueArray(label, (each) => each.name, 'name'),
  (list, at) => {
    const name = list.findIndex((each) => each.name === 'name');
    if (name >= 0) throw new DecodeError(`${item(at, name)}.name`, 'a label cannot be called "name"');
    checkOsArch(list, at);
    return list;
  },
);

/** As the spec has it, `arch` is checked only where `os` is given. */
function checkOsArch(list: Labels, at: string): void {
  const os = list.findIndex((each) => each.name === 'os');
  if (os < 0) return;
  const name = list[os]?.value ?? '';
  const architectures = Object.hasOwn(osArchitectures, name) ? osArchitectures[name] : undefined;
  if (architectures === undefined)
    throw new DecodeError(`${item(at, os)}.value`, mustBe(Object.keys(osArchitectures), name));
  const arch = list.findIndex((each) => each.name === 'arch');
  const value = list[arch]?.value;
  if (value !== undefined && !architectures.includes(value))
    throw new DecodeError(`${item(at, arch)}.value`, mustBe(architectures, value));
}

function mustBe(values: readonly string[], got: string): string {
  return `expected one of ${values.join(', ')}, got ${show(got)}`;
}

/** The value of the label called `name`. */
export function labelValue(list: Labels, name: AcIdentifier | string): string | undefined {
  return list.find((each) => each.name === name)?.value;
}
