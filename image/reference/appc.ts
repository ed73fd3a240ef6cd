import { type AcIdentifier, parseAcIdentifier } from '../../schema/ac-identifier.ts';
import { DecodeError, show } from '../../schema/decode-error.ts';
import type { Label, Labels } from '../../schema/label.ts';
import { osArchitectures } from '../../schema/os-arch.ts';
import { ImageReferenceError } from './image-reference-error.ts';

/** An image by name: found in the store or through discovery. `labels` always hold `os` and `arch`. */
export interface AppcReference {
  readonly kind: 'appc';
  readonly name: AcIdentifier;
  readonly labels: Labels;
}

/** This machine's values for the labels `os` and `arch`. */
export interface HostPlatform {
  readonly os: string;
  readonly arch: string;
}

/** Reads `NAME[:VERSION][,label=value…]`; `os` and `arch` are the host's unless given. */
export function parseAppcReference(text: string, host: HostPlatform): AppcReference {
  checkColon(text);
  const [name = '', ...parts] = text.replace(':', ',version=').split(',');
  const given = parts.map((part) => parseLabel(part, text));
  const twice = given.find(({ name }, index) => given.findIndex((each) => each.name === name) < index);
  if (twice !== undefined) throw invalid(text, `label ${show(twice.name)} is given twice`);
  return { kind: 'appc', name: identifier(name, text), labels: withHost(given, host, text) };
}

function checkColon(text: string): void {
  const comma = text.indexOf(',');
  if (comma >= 0 && text.indexOf(':') > comma)
    throw invalid(text, 'malformed app string - colon may appear only right after the app name');
  if (text.split(':').length > 2) throw invalid(text, 'malformed app string - colon may appear at most once');
}

function parseLabel(part: string, text: string): Label {
  const equals = part.indexOf('=');
  if (equals < 0) throw invalid(text, `misformatted label ${show(part)}, expected name=value`);
  const [name, value] = [part.slice(0, equals), part.slice(equals + 1)];
  if (name === 'name') throw invalid(text, 'a label cannot be called "name"');
  if (value === '') throw invalid(text, `label ${show(name)} has no value`);
  return { name: identifier(name, text), value };
}

function identifier(name: string, text: string): AcIdentifier {
  try {
    return parseAcIdentifier(name);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalid(text, error.message);
  }
}

function withHost(given: Labels, host: HostPlatform, text: string): Labels {
  const find = (name: string) => given.find((each) => each.name === name)?.value;
  const os = find('os') ?? host.os;
  const arch = find('arch') ?? host.arch;
  const systems = Object.keys(osArchitectures);
  const known = Object.hasOwn(osArchitectures, os) ? osArchitectures[os] : undefined;
  if (known === undefined) throw invalid(text, `bad os ${show(os)} (must be one of: ${systems.join(', ')})`);
  if (!known.includes(arch))
    throw invalid(text, `bad arch ${show(arch)} for ${os} (must be one of: ${known.join(', ')})`);
  const label = (name: string, value: string) => ({ name: parseAcIdentifier(name), value });
  const others = given.filter(({ name }) => name !== 'os' && name !== 'arch');
  return [...others, label('os', os), label('arch', arch)];
}

function invalid(text: string, why: string): ImageReferenceError {
  return new ImageReferenceError(text, `invalid appc image string: ${why}`);
}
