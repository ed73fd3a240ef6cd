const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const MONTH = 30 * DAY;
const YEAR = 12 * MONTH;

/** [below this age, its words, what N counts] */
const AGES: readonly (readonly [number, string, number])[] = [
  [SECOND, 'now', SECOND],
  [2 * SECOND, '1 second ago', SECOND],
  [MINUTE, 'N seconds ago', SECOND],
  [2 * MINUTE, '1 minute ago', MINUTE],
  [HOUR, 'N minutes ago', MINUTE],
  [2 * HOUR, '1 hour ago', HOUR],
  [DAY, 'N hours ago', HOUR],
  [2 * DAY, '1 day ago', DAY],
  [WEEK, 'N days ago', DAY],
  [2 * WEEK, '1 week ago', WEEK],
  [MONTH, 'N weeks ago', WEEK],
  [2 * MONTH, '1 month ago', MONTH],
  [YEAR, 'N months ago', MONTH],
  [18 * MONTH, '1 year ago', YEAR],
  [2 * YEAR, '2 years ago', YEAR],
  [Number.POSITIVE_INFINITY, 'N years ago', YEAR],
];

/** How long ago `time` was, in rkt's words: `2 minutes ago`. A time to come is `now`. */
export function formatAge(time: Date, now: Date): string {
  const age = now.getTime() - time.getTime();
  const [, words, unit] = AGES.find(([below]) => age < below) ?? ['', 'now', SECOND];
  return words.replace('N', String(Math.floor(age / unit)));
}

/** `2006-01-02 15:04:05.999 -0700 MST` in local time. Without Intl there is no zone name but UTC: the offset stands in, as in Go. */
export function formatTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * MINUTE).toISOString();
  const fraction = local.slice(19, 23).replace(/\.?0+$/, '');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}${two(Math.abs(offset) % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)}${fraction} ${zone} ${offset === 0 ? 'UTC' : zone}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
