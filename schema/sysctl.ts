import { cString } from './c-string.ts';
import { type Infer, matching, record } from './decode.ts';

/** Values of kernel parameters by name. */
export type Sysctl = Infer<typeof sysctl>;

/** `/` and `.` both separate; no component leads out of /proc/sys. */
const sysctlName = matching(
  /^(?!(?:.*\/)?\.\.(?:\/|$))[^\0/][^\0]*$/s,
  'the name of a sysctl such as "net.ipv4.ip_forward"',
);

export const sysctl = record(cString, sysctlName);
