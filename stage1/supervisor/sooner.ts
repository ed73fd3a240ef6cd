/** Of two times to wait, where −1 is for ever. */
export function sooner(one: number, other: number): number {
  return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
}
