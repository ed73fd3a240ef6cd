import type { AcName } from '../../schema/ac-name.ts';
import { type Annotations, annotationValue } from '../../schema/annotation.ts';
import type { App } from '../../schema/app.ts';
import type { ActivatedPort, Runtime } from '../../schema/pod-files.ts';
import type { ExposedPort } from '../../schema/pod-manifest.ts';

/** What says of an app that it reports its readiness itself (rkt's, of an image or an app of a pod). */
const NOTIFIES = 'appc.io/executor/supports-systemd-notify';

/** An app and all that is said about it. */
export interface DescribedApp {
  readonly name: AcName;
  readonly app: App | undefined;
  /** The pod's own come before the image's. */
  readonly annotations: Annotations;
}

/** What a pod's apps have to do with the service manager, for stage1. */
export function systemdRequest(
  apps: readonly DescribedApp[],
  exposed: readonly ExposedPort[],
): Pick<Runtime, 'notify' | 'sockets'> {
  const notify = apps.filter(({ annotations }) => annotationValue(annotations, NOTIFIES) === 'true');
  const activated = apps
    .map(({ name, app }) => [name, activatedPorts(app, exposed)] as const)
    .filter(([, ports]) => ports.length > 0);
  return {
    ...(notify.length > 0 ? { notify: notify.map(({ name }) => name) } : {}),
    ...(activated.length > 0 ? { sockets: Object.fromEntries(activated) } : {}),
  };
}

/** A port that no `--port` moves has its own number on the host. */
function activatedPorts(app: App | undefined, exposed: readonly ExposedPort[]): readonly ActivatedPort[] {
  const ports = (app?.ports ?? []).filter(({ socketActivated }) => socketActivated);
  return ports.flatMap(({ name, protocol, port, count }) => {
    const { hostPort = port, hostIP } = exposed.find((each) => each.name === name) ?? {};
    return Array.from({ length: count }, (_, index) => ({
      name,
      protocol,
      hostPort: hostPort + index,
      ...(hostIP === undefined ? {} : { hostIP }),
    }));
  });
}
