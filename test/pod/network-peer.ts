import { createSocket } from 'node:dgram';
import { createConnection, createServer } from 'node:net';

// Somebody on a network. `serve PORT`: answers on TCP and UDP, IPv4 and IPv6, with the address of who asks.
// `ask tcp|udp HOST PORT`: prints the answer.
const [mode = '', ...args] = process.argv.slice(2);
if (mode === 'serve') serve(Number(args[0]));
else ask(args[0] === 'udp', args[1] ?? '', Number(args[2]));

function serve(port: number): void {
  const udp = createSocket('udp6');
  udp.on('message', (_message, from) => udp.send(plain(from.address), from.port, from.address));
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(plain(socket.remoteAddress ?? ''));
  });
  udp.bind(port, '::', () => tcp.listen(port, '::', () => console.log('ready')));
}

function ask(isUdp: boolean, host: string, port: number): void {
  const giveUp = setTimeout(() => process.exit(1), 3000);
  const answered = (text: Buffer) => {
    clearTimeout(giveUp);
    console.log(text.toString());
    process.exit(0);
  };
  if (!isUdp) {
    createConnection({ host, port })
      .on('data', answered)
      .on('error', () => process.exit(1));
    return;
  }
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').on('message', answered);
  socket.send('who am I', port, host);
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, '');
}
