/** The number of `--name=N` among the arguments; undefined when it is not there. Throws when it is no number above 0. */
export function numberOption(args: readonly string[], name: string): number | undefined {
  const start = `--${name}=`;
  const given = args.find((arg) => arg.startsWith(start));
  if (given === undefined) return undefined;
  const value = Number(given.slice(start.length));
  if (!(value > 0)) throw new Error(`${given}: not a number above 0`);
  return value;
}
