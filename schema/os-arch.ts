/** The values the appc spec allows for the labels `os` and `arch` (aci.md, labels). */
export const osArchitectures: Readonly<Record<string, readonly string[]>> = {
  linux: [
    'amd64',
    'i386',
    'aarch64',
    'aarch64_be',
    'armv6l',
    'armv7l',
    'armv7b',
    'ppc64',
    'ppc64le',
    's390x',
  ],
  freebsd: ['amd64', 'i386', 'arm'],
  darwin: ['x86_64', 'i386'],
};

/** OCI (Go) architecture and variant of each appc architecture on Linux that has one. */
const ociArchitectures: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  amd64: ['amd64'],
  i386: ['386'],
  aarch64: ['arm64'],
  armv6l: ['arm', 'v6'],
  armv7l: ['arm', 'v7'],
  ppc64: ['ppc64'],
  ppc64le: ['ppc64le'],
  s390x: ['s390x'],
};

/** The appc architecture of an OCI platform on Linux, or undefined if appc has no name for it. */
export function appcArchitecture(architecture: string, variant?: string): string | undefined {
  const wanted = architecture === 'arm' ? (variant ?? 'v6') : undefined;
  return Object.keys(ociArchitectures).find((name) => {
    const [oci, ociVariant] = ociArchitectures[name] ?? [];
    return oci === architecture && ociVariant === wanted;
  });
}

/** The OCI architecture and variant of an appc architecture on Linux, or undefined if OCI has no name for it. */
export function ociArchitecture(appc: string): { architecture: string; variant?: string } | undefined {
  const [architecture, variant] = Object.hasOwn(ociArchitectures, appc) ? (ociArchitectures[appc] ?? []) : [];
  if (architecture === undefined) return undefined;
  return variant === undefined ? { architecture } : { architecture, variant };
}
