import { shortImageId } from '../../schema/image-id.ts';
import type { ImageInfo } from '../../stage0/image-list.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print, tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatSize } from '../size.ts';
import { formatTable } from '../table.ts';
import { formatAge, formatTime } from '../time.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  fields: { kind: 'string', value: 'LIST', describe: 'columns: id, name, size, importtime, lastused' },
  sort: { kind: 'string', value: 'LIST', describe: 'by name, importtime (default), lastused, size' },
  order: { kind: 'string', value: 'ORDER', describe: 'asc (default) or desc' },
  full: { kind: 'boolean', describe: 'nothing cut: whole IDs, exact sizes and times' },
  'no-legend': { kind: 'boolean', describe: 'without the line of titles' },
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const imageList: Command<Globals> = {
  usage: '[FLAGS]',
  summary: 'Lists the images of the store.',
  example: 'tsrkt image list --sort=size --order=desc',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { fields, sort, order, full, format, 'no-legend': noLegend } = flagValues(FLAGS, given);
    const columns = parseNames('fields', fields ?? 'id,name,size,importtime,lastused', COLUMNS);
    const keys = parseNames('sort', sort ?? 'importtime', SORT_KEYS);
    becomeRoot();
    const { imageInfos } = await import('../../stage0/image-list.ts');
    const { openStore } = await import('../../image/store.ts');
    const { images, problems } = imageInfos(openStore(globals.dataDirectory));
    const sorted = sortImages(images, keys, isDescending(order));
    const style = { full, now: new Date() };
    const rows = sorted.map((image) => columns.map((column) => COLUMNS[column].cell(image, style)));
    const titles = columns.map((column) => COLUMNS[column].title);
    print(formatAs(format, sorted.map(imageJson)) ?? formatTable(noLegend ? rows : [titles, ...rows]));
    for (const problem of problems) tell(`list: ${safeText(problem.message)}`);
    return 0;
  },
};

interface Style {
  readonly full: boolean;
  readonly now: Date;
}

interface Column {
  readonly title: string;
  readonly cell: (image: ImageInfo, style: Style) => string;
}

const COLUMNS = {
  id: { title: 'ID', cell: ({ id }, { full }) => (full ? id : shortImageId(id)) },
  name: { title: 'NAME', cell: ({ name }) => safeText(name) },
  size: { title: 'SIZE', cell: ({ size }, { full }) => (full ? String(size) : formatSize(size)) },
  importtime: { title: 'IMPORT TIME', cell: ({ importTime }, style) => when(importTime, style) },
  lastused: { title: 'LAST USED', cell: ({ lastUsed }, style) => when(lastUsed, style) },
} as const satisfies Record<string, Column>;

const SORT_KEYS = {
  name: (image: ImageInfo) => image.name,
  importtime: (image: ImageInfo) => image.importTime,
  lastused: (image: ImageInfo) => image.lastUsed,
  size: (image: ImageInfo) => image.size,
} as const;

function parseNames<K extends string>(
  flag: string,
  list: string,
  known: Readonly<Record<K, unknown>>,
): readonly K[] {
  return list.split(',').map((name) => {
    if (Object.hasOwn(known, name)) return name as K;
    const all = Object.keys(known).join(', ');
    throw new UsageError(`--${flag}: unknown name ${JSON.stringify(name)}`, `known are: ${all}`);
  });
}

function isDescending(order = 'asc'): boolean {
  if (order === 'asc' || order === 'desc') return order === 'desc';
  throw new UsageError(`--order: expected asc or desc, got ${JSON.stringify(order)}`);
}

/** By the first key, where that is equal by the next. */
export function sortImages(
  images: readonly ImageInfo[],
  keys: readonly (keyof typeof SORT_KEYS)[],
  descending: boolean,
): readonly ImageInfo[] {
  const compare = (a: ImageInfo, b: ImageInfo) => {
    const orders = keys.map((key) => compareValues(SORT_KEYS[key](a), SORT_KEYS[key](b)));
    return orders.find((order) => order !== 0) ?? 0;
  };
  return [...images].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

function compareValues(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function when(time: number, { full, now }: Style): string {
  return full ? formatTime(new Date(time)) : formatAge(new Date(time), now);
}

/** rkt's fields; times in nanoseconds. */
function imageJson({ id, name, size, importTime, lastUsed }: ImageInfo) {
  return {
    id,
    name,
    import_time: nanoseconds(importTime),
    last_used_time: nanoseconds(lastUsed),
    size,
  };
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.trunc(milliseconds)) * 1_000_000n;
}
