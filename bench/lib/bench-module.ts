/** What a figure may be on the last line: numbers, words and nested objects or lists of them. */
export type Figures = { [name: string]: Figure };
export type Figure = number | string | boolean | null | Figure[] | Figures;

/** What the command line asked for: `quick` makes a run short enough for a smoke test and its figures rough. */
export type BenchOptions = { quick: boolean; rest: string[] };

/** One benchmark: prints its tables as it goes and returns every figure for the last line. */
export type BenchModule = { run: (options: BenchOptions) => Promise<Figures> };
