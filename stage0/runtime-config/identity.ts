/** Whom an app runs as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** What an image says about users: its own files, read below its root. Undefined where it has none. */
export interface UserDatabase {
  readonly passwd: () => string | undefined;
  readonly group: () => string | undefined;
  /** The owner of a file of the image, the last link not followed. */
  readonly ownerOf: (path: string) => { readonly uid: number; readonly gid: number } | undefined;
}

export interface IdentityRequest {
  readonly user: string;
  readonly group: string;
  readonly supplementaryGids: readonly number[];
  /** Images converted from Docker name the user as group when they have none: its gid is the uid then. */
  readonly isConverted: boolean;
}

/** A user or group the image does not have. */
export class UnknownUserError extends Error {
  readonly code = 'ERR_UNKNOWN_USER';
}

/** The numbers behind an app's user and group: `root`, digits, the owner of `/a/file`, or a name in the image's files. */
export function resolveIdentity(request: IdentityRequest, database: UserDatabase): Identity {
  const uid = resolveUser(request.user, database);
  const gid = resolveGroup(request, uid, database);
  return { uid, gid, additionalGids: request.supplementaryGids };
}

function resolveUser(user: string, database: UserDatabase): number {
  const id = plainId(user) ?? ownerOf(user, database)?.uid ?? idOf(user, database.passwd());
  if (id === undefined) throw new UnknownUserError(`${JSON.stringify(user)} user not found`);
  return id;
}

function resolveGroup({ user, group, isConverted }: IdentityRequest, uid: number, database: UserDatabase) {
  const id = plainId(group) ?? ownerOf(group, database)?.gid ?? idOf(group, database.group());
  if (id !== undefined) return id;
  if (isConverted && group === user) return uid;
  throw new UnknownUserError(`${JSON.stringify(group)} group not found`);
}

/** (uid_t)−1 means "unchanged" to the kernel, so it is nobody's number. */
const MAX_ID = 0xffff_fffe;

function plainId(name: string): number | undefined {
  if (name === 'root') return 0;
  if (!/^\d+$/.test(name)) return undefined;
  if (Number(name) > MAX_ID) throw new UnknownUserError(`user or group ${name}: more than ${MAX_ID}`);
  return Number(name);
}

function ownerOf(path: string, { ownerOf }: UserDatabase) {
  if (!path.startsWith('/')) return undefined;
  const owner = ownerOf(path);
  if (owner === undefined)
    throw new UnknownUserError(`Failed to stat ${JSON.stringify(path)}: No such file or directory`);
  return owner;
}

/** The third field of the line that begins with `name:` (passwd(5), group(5)); a line without a number is passed over. */
function idOf(name: string, file: string | undefined): number | undefined {
  const fields = file?.split('\n').map((line) => line.split(':'));
  const found = fields?.find(([entry, , id]) => entry === name && name !== '' && /^\d+$/.test(id ?? ''));
  return found === undefined ? undefined : plainId(found[2] ?? '');
}
