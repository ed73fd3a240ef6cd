/** linux/sockios.h */
export const SIOCSIFFLAGS = 0x8914;

/** linux/if.h */
export const IFF_UP = 1;
const IFNAMSIZ = 16;

/** struct ifreq for SIOCSIFFLAGS: ifr_name at 0 (NUL-terminated, 16 bytes), ifr_flags at 16; 40 bytes. */
export function ifreqFlags(name: string, flags: number): Buffer {
  const encoded = Buffer.from(name);
  if (encoded.length >= IFNAMSIZ) throw new TypeError(`interface name ${JSON.stringify(name)}: too long`);
  const bytes = Buffer.alloc(40);
  encoded.copy(bytes);
  bytes.writeUInt16LE(flags, 16);
  return bytes;
}
