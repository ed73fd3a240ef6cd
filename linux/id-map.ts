/** A line of /proc/PID/uid_map or gid_map, in the words of the OCI runtime specification (user_namespaces(7)). */
export interface IdMapping {
  /** The first id inside the namespace. */
  readonly containerID: number;
  /** The first id it stands for in the namespace above. */
  readonly hostID: number;
  readonly size: number;
}

export type IdMap = readonly IdMapping[];

/** Reads the three columns of a map file. */
export function parseIdMap(text: string): IdMap {
  return text.split('\n').flatMap((line) => {
    const [containerID, hostID, size] = line.trim().split(/\s+/).map(Number);
    return size === undefined || containerID === undefined || hostID === undefined
      ? []
      : [{ containerID, hostID, size }];
  });
}

/** The text the kernel takes, in one write(2). */
export function formatIdMap(map: IdMap): string {
  return map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}

/** Whether a namespace with this map has an id of its own by this number. */
export function hasId(map: IdMap, id: number): boolean {
  return map.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}

/** The id that `id` of the namespace is in the one above; undefined where it is none. */
export function outerId(map: IdMap, id: number): number | undefined {
  const mapping = map.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  return mapping && mapping.hostID + id - mapping.containerID;
}
