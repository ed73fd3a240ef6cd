/** linux/prctl.h */
export const PR = {
  PR_SET_PDEATHSIG: 1,
  PR_SET_DUMPABLE: 4,
  PR_CAPBSET_DROP: 24,
  PR_SET_KEEPCAPS: 8,
  PR_SET_SECUREBITS: 28,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_CAP_AMBIENT: 47,
} as const;

export const PR_CAP_AMBIENT = { PR_CAP_AMBIENT_RAISE: 2, PR_CAP_AMBIENT_CLEAR_ALL: 4 } as const;

/** linux/securebits.h: the bits' values, not their numbers. */
export const SECBIT = { SECBIT_NO_SETUID_FIXUP: 4 } as const;
