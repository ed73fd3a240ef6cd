import { acName } from '../../schema/ac-name.ts';
import type { Port } from '../../schema/port.ts';

/** The ports of `80/tcp`, `53/udp`, `8000-8010` (tcp). Those of protocols appc has no word for (sctp) are left out. */
export function portsOf(exposed: readonly string[]): readonly Port[] {
  const ports = exposed.flatMap((text) => {
    const [, first = '', last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text) ?? [];
    const [port, end] = [Number(first), Number(last)];
    if ((protocol !== 'tcp' && protocol !== 'udp') || port < 1 || end < port || end > 65_535) return [];
    const name = acName(last === first ? `${first}-${protocol}` : `${first}-${last}-${protocol}`);
    return [{ name, protocol, port, count: end - port + 1, socketActivated: false } satisfies Port];
  });
  return [...new Map(ports.map((port) => [port.name, port])).values()];
}
