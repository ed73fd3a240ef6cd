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
  /** Whose identity it is, for errors. */
  readonly app: string;
  readonly user: string;
  readonly group: string;
  readonly supplementaryGids: readonly number[];
  /** An image of OCI or Docker, which names its user as group when it has none: then the user's own groups are meant. */
  readonly isConverted: boolean;
}

/** A user or group the image does not have. */
export class UnknownUserError extends Error {
  readonly code = 'ERR_UNKNOWN_USER';

  constructor(app: string, problem: string) {
    super(`app ${JSON.stringify(app)}: ${problem}`);
    this.name = 'UnknownUserError';
  }
}

/** The numbers behind an app's user and group: `root`, digits, the owner of `/a/file`, or a name in the image's files. */
export function resolveIdentity(request: IdentityRequest, database: UserDatabase): Identity {
  const { app, user, group, supplementaryGids } = request;
  const account = request.isConverted && group === user ? accountOf(user, database) : undefined;
  if (account !== undefined)
    return { ...account, additionalGids: [...supplementaryGids, ...account.additionalGids] };
  const uid = plainId(user) ?? ownerOf(user, database)?.uid ?? idOf(user, database.passwd());
  if (uid === undefined) throw new UnknownUserError(app, notFound('user', user));
  const gid = plainId(group) ?? ownerOf(group, database)?.gid ?? idOf(group, database.group());
  if (gid !== undefined) return { uid, gid, additionalGids: supplementaryGids };
  if (request.isConverted && group === user) return { uid, gid: uid, additionalGids: supplementaryGids };
  throw new UnknownUserError(app, notFound('group', group));
}

/**
 * A user of the image's passwd file with the groups they are in (image-spec, config.md, "User"); undefined when there is none, as in
 * images that only have a number.
 */
function accountOf(user: string, database: UserDatabase): Identity | undefined {
  const uid = plainId(user);
  const lines = (database.passwd() ?? '').split('\n').map((line) => line.split(':'));
  const line = lines.find(([name, , id = '']) => name === user || (uid !== undefined && plainId(id) === uid));
  const [name = '', , id = '', primary = ''] = line ?? [];
  const [own, gid] = [plainId(id), plainId(primary)];
  if (own === undefined || gid === undefined) return undefined;
  return { uid: own, gid, additionalGids: groupsWith(name, database.group()).filter((each) => each !== gid) };
}

/** group(5): the names of the members stand in the fourth field. */
function groupsWith(user: string, file = ''): readonly number[] {
  return file.split('\n').flatMap((line) => {
    const [, , id = '', members = ''] = line.split(':');
    return members.split(',').includes(user) ? (plainId(id) ?? []) : [];
  });
}

function notFound(kind: 'user' | 'group', name: string): string {
  if (name.startsWith('/')) return `Failed to stat ${JSON.stringify(name)}: No such file or directory`;
  return `${JSON.stringify(name)} ${kind} not found`;
}

/** (uid_t)−1 means "unchanged" to the kernel, so it is nobody's number. */
const MAX_ID = 0xffff_fffe;

function plainId(name: string): number | undefined {
  if (name === 'root') return 0;
  return /^\d{1,10}$/.test(name) && Number(name) <= MAX_ID ? Number(name) : undefined;
}

function ownerOf(path: string, database: UserDatabase) {
  return path.startsWith('/') ? database.ownerOf(path) : undefined;
}

/** The third field of the line that begins with `name:` (passwd(5), group(5)); a line without a number is passed over. */
function idOf(name: string, file: string | undefined): number | undefined {
  const ids = (file ?? '').split('\n').map((line) => {
    const [entry, , id = ''] = line.split(':');
    return entry === name && name !== '' ? plainId(id) : undefined;
  });
  return ids.find((id) => id !== undefined);
}
