/** Reads `*`, `**` or a comma list (gws-agent-api §1.3); null means everything. */
export function readList(list: string): ReadonlySet<string> | null {
  const names = list.split(',').map((name) => name.trim());
  return names.some((name) => name === '*' || name === '**')
    ? null
    : new Set(names.filter((name) => name !== ''));
}

/** The object with only the listed keys; all of them for null. Names it does not have are passed over. */
export function pick<Value extends object>(value: Value, names: ReadonlySet<string> | null): Partial<Value> {
  if (!names) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name))) as Partial<Value>;
}
