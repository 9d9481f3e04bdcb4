/** A goal of the issue beside what was measured; `met` is undefined when the run did not measure it. */
export type Goal = { goal: string; figure: string; met: boolean | undefined };

/** Every table printed so far, as Markdown: the results page is made of them. */
export const printed: string[] = [];

/** Prints rows as a table with the columns padded; numbers are aligned to the right. */
export function printTable(
  title: string,
  header: readonly string[],
  rows: readonly (string | number)[][],
): void {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[], index: number): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const right = index > 0 && typeof rows[index - 1]?.[column] === 'number';
        return right ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  console.log(`\n${title}\n`);
  const isNumber = header.map((_, column) => typeof rows[0]?.[column] === 'number');
  printed.push(
    [
      `## ${title}\n`,
      `| ${header.join(' | ')} |`,
      `| ${isNumber.map((right) => (right ? '---:' : '---')).join(' | ')} |`,
      ...rows.map((row) => `| ${row.join(' | ')} |`),
    ].join('\n'),
  );
  console.log([line(cells[0] ?? [], 0), widths.map((width) => '-'.repeat(width)).join('  ')].join('\n'));
  for (const [index, row] of cells.slice(1).entries()) console.log(line(row, index + 1));
}

/** Prints the goals with their figures and whether each was met. */
export function printGoals(title: string, goals: readonly Goal[]): void {
  const word = (met: boolean | undefined): string =>
    met === undefined ? 'not measured' : met ? 'yes' : 'NO';
  printTable(
    title,
    ['goal', 'figure', 'met'],
    goals.map(({ goal, figure, met }) => [goal, figure, word(met)]),
  );
}
