/** `INSERT … ON CONFLICT (key) DO UPDATE`, setting every column but the key, which is the first. */
export function upsertSql(
  table: string,
  columns: readonly string[],
  values: readonly string[] = columns.map(() => '?'),
): string {
  const [key, ...rest] = columns;
  const set = rest.map((column) => `${column} = excluded.${column}`).join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')}) ON CONFLICT (${key}) DO UPDATE SET ${set}`;
}
