/** Where CNI plugins are looked for: ours first, then where distributions, CNI's own packages and Fedora put them. */
export const PLUGIN_DIRECTORIES: readonly string[] = [
  '/etc/tsrkt/net.d',
  '/usr/lib/tsrkt/plugins/net',
  '/usr/lib/cni',
  '/opt/cni/bin',
  '/usr/libexec/cni',
];
