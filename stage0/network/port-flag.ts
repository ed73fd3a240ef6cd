import { acName } from '../../schema/ac-name.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { ipAddress } from '../../schema/ip.ts';
import type { ExposedPort } from '../../schema/pod-manifest.ts';
import { port } from '../../schema/port.ts';
import { NetworkError } from './network-error.ts';

/** Reads a `--port=NAME:[HOSTIP:]HOSTPORT`; an IPv6 HOSTIP may stand in brackets. */
export function parsePortFlag(text: string): ExposedPort {
  const [, name, bracketed, plain, hostPort] = /^([^:]*):(?:(?:\[(.*)\]|(.*)):)?([^:]*)$/.exec(text) ?? [];
  const hostIP = bracketed ?? plain;
  try {
    return {
      name: acName(name, 'name'),
      hostPort: portNumber(hostPort ?? ''),
      ...(hostIP === undefined ? {} : { hostIP: ipAddress(hostIP, 'host IP') }),
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const usage = `--port=${text}: expected NAME:[HOSTIP:]HOSTPORT`;
    throw new NetworkError(name === undefined ? usage : `${usage}: ${error.message}`);
  }
}

/**
 * Reads a `--port=NAME:PROTO:PODPORT:HOSTIP:HOSTPORT` of a sandbox, which has no app to say what NAME is; an IPv6 HOSTIP may stand in brackets, an
 * empty one is every address.
 */
export function parseSandboxPortFlag(text: string): ExposedPort {
  const parts = /^([^:]*):([^:]*):([^:]*):(?:\[(.*)\]|(.*)):([^:]*)$/.exec(text);
  const [, name, protocol, podPort = '', bracketed, plain, hostPort = ''] = parts ?? [];
  const hostIP = bracketed || plain;
  try {
    return {
      name: acName(name, 'name'),
      hostPort: portNumber(hostPort),
      podPort: port({ name, protocol, port: portNumber(podPort, 'pod port') }, ''),
      ...(hostIP ? { hostIP: ipAddress(hostIP, 'host IP') } : {}),
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const usage = `--port=${text}: expected NAME:PROTO:PODPORT:HOSTIP:HOSTPORT`;
    throw new NetworkError(parts === null ? usage : `${usage}: ${error.message}`);
  }
}

function portNumber(text: string, what = 'host port'): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= 65_535) return value;
  throw new DecodeError(what, `expected a number from 1 to 65535, got ${JSON.stringify(text)}`);
}
