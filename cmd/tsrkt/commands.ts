import type { NamedCommand } from './named-command.ts';

/** The commands people call, sorted by name. */
export const COMMANDS: readonly NamedCommand[] = [
  {
    name: 'app add',
    summary: 'add an app to a running sandbox',
    load: async () => (await import('./app-add.ts')).appAdd,
  },
  {
    name: 'app exec',
    summary: 'run a command in an app of a running pod, as exec',
    load: async () => (await import('./enter.ts')).appExec,
  },
  {
    name: 'app list',
    summary: 'list the apps of a pod',
    load: async () => (await import('./app-list.ts')).appList,
  },
  {
    name: 'app rm',
    summary: 'remove an app from a running sandbox',
    load: async () => (await import('./app-rm.ts')).appRm,
  },
  {
    name: 'app sandbox',
    summary: 'run a pod without apps, to which apps are added',
    load: async () => (await import('./app-sandbox.ts')).appSandbox,
  },
  {
    name: 'app start',
    summary: 'start an app of a running sandbox',
    load: async () => (await import('./app-start.ts')).appStart,
  },
  {
    name: 'app status',
    summary: 'show how an app of a pod is',
    load: async () => (await import('./app-status.ts')).appStatus,
  },
  {
    name: 'app stop',
    summary: 'stop an app of a running sandbox',
    load: async () => (await import('./app-stop.ts')).appStop,
  },
  {
    name: 'attach',
    summary: 'connect a terminal or standard input and output to an app of a running pod',
    load: async () => (await import('./attach.ts')).attach,
  },
  {
    name: 'cat-manifest',
    summary: "print a pod's manifest",
    load: async () => (await import('./cat-manifest.ts')).catManifest,
  },
  {
    name: 'completion',
    summary: 'teach a shell the commands and flags',
    load: async () => (await import('./completion.ts')).completionOf(COMMANDS),
  },
  {
    name: 'config',
    summary: 'print the configuration',
    load: async () => (await import('./config.ts')).config,
  },
  {
    name: 'cp',
    summary: 'copy files into a running app, or out of it',
    load: async () => (await import('./cp.ts')).cp,
  },
  {
    name: 'enter',
    summary: 'run a command in an app of a running pod',
    load: async () => (await import('./enter.ts')).enter,
  },
  {
    name: 'events',
    summary: 'print what happens to pods',
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'exec',
    summary: 'run a command in an app of a running pod, as enter',
    load: async () => (await import('./enter.ts')).exec,
  },
  {
    name: 'export',
    summary: 'make an image of an app that has exited',
    load: async () => (await import('./export.ts')).exportPod,
  },
  {
    name: 'fetch',
    summary: 'bring images into the store',
    load: async () => (await import('./fetch.ts')).fetchImages,
  },
  { name: 'gc', summary: 'remove pods that have ended', load: async () => (await import('./gc.ts')).gc },
  {
    name: 'generate systemd',
    summary: 'print a unit that runs a pod',
    load: async () => (await import('./generate-systemd.ts')).generateSystemd,
  },
  {
    name: 'generate units',
    summary: 'make services of .pod files, for systemd',
    load: async () => (await import('./generate-units.ts')).generateUnits,
  },
  {
    name: 'image cat-manifest',
    summary: "print an image's manifest",
    load: async () => (await import('./image-cat-manifest.ts')).imageCatManifest,
  },
  {
    name: 'image copy',
    summary: 'copy an image between registries, layouts, archives and the store',
    load: async () => (await import('./image-copy.ts')).imageCopy,
  },
  {
    name: 'image export',
    summary: 'write an image into a file',
    load: async () => (await import('./image-export.ts')).imageExport,
  },
  {
    name: 'image extract',
    summary: 'unpack an image into a directory',
    load: async () => (await import('./image-extract.ts')).imageExtract,
  },
  {
    name: 'image gc',
    summary: 'remove images and trees nobody uses',
    load: async () => (await import('./image-gc.ts')).imageGc,
  },
  {
    name: 'image inspect',
    summary: 'print what is known of images',
    load: async () => (await import('./image-inspect.ts')).imageInspect,
  },
  {
    name: 'image list',
    summary: 'list images',
    load: async () => (await import('./image-list.ts')).imageList,
  },
  {
    name: 'image push',
    summary: 'copy an image of the store to a registry',
    load: async () => (await import('./image-copy.ts')).imagePush,
  },
  {
    name: 'image render',
    summary: 'unpack an image with all it depends on',
    load: async () => (await import('./image-render.ts')).imageRender,
  },
  {
    name: 'image rm',
    summary: 'remove images from the store',
    load: async () => (await import('./image-rm.ts')).imageRm,
  },
  {
    name: 'image verify',
    summary: 'read images again, and compare them with what they were',
    load: async () => (await import('./image-verify.ts')).imageVerify,
  },
  { name: 'list', summary: 'list pods', load: async () => (await import('./list.ts')).list },
  {
    name: 'logs',
    summary: 'show what the apps of a pod printed',
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'metadata-service',
    summary: 'tell apps who they are, and sign for them',
    load: async () => (await import('./metadata-service.ts')).metadataService,
  },
  {
    name: 'pause',
    summary: 'let nothing of a pod run',
    load: async () => (await import('./pause.ts')).pause,
  },
  {
    name: 'prepare',
    summary: 'make a pod without running it',
    load: async () => (await import('./prepare.ts')).prepare,
  },
  {
    name: 'ps',
    summary: 'list the processes of a pod',
    load: async () => (await import('./top.ts')).ps,
  },
  {
    name: 'resume',
    summary: 'let a paused pod go on',
    load: async () => (await import('./pause.ts')).resume,
  },
  { name: 'rm', summary: 'remove pods that do not run', load: async () => (await import('./rm.ts')).rm },
  {
    name: 'run',
    summary: 'make a pod of images and run it',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'run-prepared',
    summary: 'run a pod that was prepared',
    load: async () => (await import('./run-prepared.ts')).runPrepared,
  },
  {
    name: 'status',
    summary: 'show how a pod is, or wait for it',
    load: async () => (await import('./status.ts')).status,
  },
  { name: 'stop', summary: 'stop running pods', load: async () => (await import('./stop.ts')).stop },
  {
    name: 'systemd install',
    summary: 'install units, a group and a generator',
    load: async () => (await import('./systemd-install.ts')).systemdInstall,
  },
  {
    name: 'top',
    summary: 'list the processes of a pod',
    load: async () => (await import('./top.ts')).top,
  },
  {
    name: 'trust',
    summary: 'trust keys',
    load: async () => (await import('./trust.ts')).trust,
  },
  {
    name: 'trust explain',
    summary: 'say why an image is trusted, or why not',
    load: async () => (await import('./trust-explain.ts')).trustExplain,
  },
  {
    name: 'trust import',
    summary: 'trust public keys of cosign',
    load: async () => (await import('./trust-import.ts')).trustImport,
  },
  {
    name: 'trust list',
    summary: 'list keys',
    load: async () => (await import('./trust-list.ts')).trustList,
  },
  {
    name: 'trust mask',
    summary: "take away a key's trust for a prefix",
    load: async () => (await import('./trust-mask.ts')).trustMask,
  },
  {
    name: 'trust revoke',
    summary: 'take away all trust from a key',
    load: async () => (await import('./trust-revoke.ts')).trustRevoke,
  },
  {
    name: 'trust rm',
    summary: 'remove a key',
    load: async () => (await import('./trust-rm.ts')).trustRm,
  },
  {
    name: 'trust show',
    summary: 'show a key',
    load: async () => (await import('./trust-show.ts')).trustShow,
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./version.ts')).version,
  },
];
