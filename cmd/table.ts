/** Rows of cells as aligned columns, two spaces apart. Nothing is cut, and no line ends in spaces. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2)).join('');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
