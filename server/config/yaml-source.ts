import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { ConfigError, formatPath, type ConfigPath, type Problem } from './problem.ts';

/** The longest configuration file, in characters. 10 000 agents need about 3 million. */
const longestFile = 16_777_216;
/** How often the file may use an alias (`*name`), counted with what the aliased part contains: stops "billion laughs". */
const mostAliases = 1000;
/** Syntax mistakes listed; those after the first are mostly its consequences. */
const mostSyntaxErrors = 5;

/** A configuration file's text as a value, and the way back from a path to a line of the file. */
export interface ParsedSource {
  readonly value: unknown;
  /** `line 3, column 5: queues[0].prioriti: unknown key …` */
  describe(problem: Problem): string;
}

/** Parses YAML 1.2, of which JSON is a part. Throws `ConfigError` with line and column for bad syntax. */
export function parseSource(text: string, source: string): ParsedSource {
  if (text.length > longestFile) {
    throw new ConfigError(source, [
      `the file has ${text.length} characters; allowed: at most ${longestFile}`,
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    prettyErrors: false,
    // Not "silent": that would take the first of several documents without a word.
    logLevel: 'error',
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    const listed = mistakes.slice(0, mostSyntaxErrors).map((one) => `${place(one.pos[0])}: ${one.message}`);
    throw new ConfigError(source, listed);
  }
  return {
    value: toValue(document, source),
    describe: ({ path, sentence, ofKey }) => {
      const offset = offsetOf(document, path, ofKey === true);
      const told = `${formatPath(path)}: ${sentence}`;
      return offset === undefined
        ? `${told} (the file leaves this out: a default)`
        : `${place(offset)}: ${told}`;
    },
  };
}

/** An empty file says nothing, so everything takes its default. */
function toValue(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases }) ?? {};
  } catch (error) {
    // An unknown alias, or too many of them.
    if (error instanceof ReferenceError) throw new ConfigError(source, [error.message]);
    throw error;
  }
}

/** Where the value at `path` (or its key) begins; of a missing key, where the section begins that misses it; undefined when even the first key is not in the file. */
function offsetOf(document: Document, path: ConfigPath, ofKey: boolean): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    if (isSeq(node) && typeof step === 'number') node = node.items[step];
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (ofKey && depth === path.length - 1) return startOf(pair?.key) ?? offset;
      node = pair?.value;
    } else return offset;
    if (depth === 0 && node === undefined) return undefined;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
