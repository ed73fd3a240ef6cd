import { array, type Infer, object } from '../decode.ts';
import { uint32 } from '../integer.ts';

export type IdMapping = Infer<typeof idMapping>;

const idMapping = object({ containerID: uint32, hostID: uint32, size: uint32 });

/** User namespace mappings, also used for idmapped mounts (config-linux.md, user namespace mappings). */
export const idMappings = array(idMapping);
