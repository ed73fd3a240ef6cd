import { closeSync, readSync } from 'node:fs';
import {
  FIXED_SIZE,
  type Message,
  type MethodCall,
  messageLength,
  packCall,
  parseMessage,
} from './dbus-message.ts';
import { DBusProtocolError, type DBusValue } from './dbus-types.ts';
import { POLL, poll } from './poll.ts';
import { connectUnix, sendUnix } from './unix-socket.ts';

/** An error that a method returned; `code` is its name: `org.freedesktop.DBus.Error.ServiceUnknown`. */
export class DBusError extends Error {
  readonly code: string;
  constructor({ interface: of, member }: MethodCall, { errorName, body }: Message) {
    super(`call ${of}.${member}: ${typeof body[0] === 'string' ? body[0] : errorName}`);
    this.code = errorName;
  }
}

class DBusTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/** A connection to a message bus. Calls wait for their answers. */
export interface Bus extends Disposable {
  call(call: MethodCall): readonly DBusValue[];
  /** The next signal that fits, also one that came while a call waited. The bus sends what AddMatch asked for. */
  waitForSignal(fits: (signal: Message) => boolean): Message;
}

/** How long a service may take: some are started by being called. */
const PATIENCE_MS = 25_000;
const DESTINATION = { destination: 'org.freedesktop.DBus', interface: 'org.freedesktop.DBus' } as const;

/** Connects to the bus at `address` (`unix:path=/run/dbus/system_bus_socket`) as who we are. */
export function connectBus(address: string): Bus {
  const fd = connectUnix(socketOf(address), 'stream');
  const input: Input = { fd, waiting: Buffer.alloc(0), deadline: 0 };
  const signals: Message[] = [];
  let serial = 0;

  const next = (isWanted: (message: Message) => boolean): Message => {
    for (;;) {
      const message = readMessage(input);
      if (isWanted(message)) return message;
      if (message.type === 'signal') signals.push(message);
    }
  };
  const call = (method: MethodCall) => {
    const mine = ++serial;
    input.deadline = performance.now() + PATIENCE_MS;
    sendAll(fd, packCall(method, mine));
    const answer = next(({ replyTo }) => replyTo === mine);
    if (answer.type === 'error') throw new DBusError(method, answer);
    return answer.body;
  };
  const bus: Bus = {
    call,
    waitForSignal(fits) {
      input.deadline = performance.now() + PATIENCE_MS;
      const early = signals.findIndex(fits);
      if (early !== -1) return signals.splice(early, 1)[0] as Message;
      return next((message) => message.type === 'signal' && fits(message));
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
  try {
    authenticate(input);
    call({ ...DESTINATION, path: '/org/freedesktop/DBus', member: 'Hello' });
    return bus;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Asks the bus for signals, by a match rule of the D-Bus specification. */
export function addMatch(bus: Bus, rule: string): void {
  bus.call({
    ...DESTINATION,
    path: '/org/freedesktop/DBus',
    member: 'AddMatch',
    signature: 's',
    body: [rule],
  });
}

/** The first UNIX socket of an address (specification, "Server Addresses"): a path, or `@` and an abstract name. */
export function socketOf(address: string): string {
  for (const each of address.split(';')) {
    const [, kind, value] = /^unix:(?:.*,)?(path|abstract)=([^,]*)/.exec(each) ?? [];
    if (kind !== undefined && value !== undefined)
      return (kind === 'abstract' ? '@' : '') + decodeURIComponent(value);
  }
  throw new DBusProtocolError(`connect to D-Bus: ${JSON.stringify(address)} is no UNIX socket`);
}

interface Input {
  readonly fd: number;
  /** What has been received and not been read. */
  waiting: Buffer;
  /** When to give up, in milliseconds of performance.now(). */
  deadline: number;
}

/**
 * SASL EXTERNAL without a name: the bus asks the kernel who we are, which is right in user namespaces, too. All at once, as
 * sd-bus does: no round trips.
 */
function authenticate(input: Input): void {
  input.deadline = performance.now() + PATIENCE_MS;
  sendAll(input.fd, Buffer.from('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n'));
  const answers = [readLine(input), readLine(input)];
  if (answers[0] !== 'DATA' || !answers[1]?.startsWith('OK '))
    throw new DBusProtocolError(`authenticate to D-Bus: ${answers.join(', ')}`);
}

function readLine(input: Input): string {
  let end = input.waiting.indexOf('\r\n');
  while (end === -1) {
    receive(input);
    end = input.waiting.indexOf('\r\n');
  }
  const line = input.waiting.toString('latin1', 0, end);
  input.waiting = input.waiting.subarray(end + 2);
  return line;
}

function readMessage(input: Input): Message {
  while (input.waiting.length < FIXED_SIZE) receive(input);
  const length = messageLength(input.waiting);
  while (input.waiting.length < length) receive(input);
  const message = parseMessage(input.waiting.subarray(0, length));
  input.waiting = input.waiting.subarray(length);
  return message;
}

function receive(input: Input): void {
  const left = Math.ceil(input.deadline - performance.now());
  if (left <= 0) throw new DBusTimeout(`wait for D-Bus: no answer within ${PATIENCE_MS / 1000} seconds`);
  if (poll([{ fd: input.fd, events: POLL.POLLIN }], left).size === 0) return;
  const bytes = Buffer.alloc(65_536);
  const length = readSync(input.fd, bytes);
  if (length === 0) throw new DBusProtocolError('read from D-Bus: the connection was closed');
  input.waiting = Buffer.concat([input.waiting, bytes.subarray(0, length)]);
}

function sendAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += sendUnix(fd, bytes.subarray(done));
}
