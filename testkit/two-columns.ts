/**
 * JSON in as few lines as fit into `width`: what fits stays on one line; what does not is opened, two spaces a level,
 * for `levels` levels. What is deeper still is one long line, to be wrapped.
 */
export function formatJson(value: unknown, width: number, levels = Infinity): readonly string[] {
  return format('', value, { width, levels });
}

/** `prefix` is what stands before the value on its first line: its key. */
function format(
  prefix: string,
  value: unknown,
  { width, levels }: { readonly width: number; readonly levels: number },
): readonly string[] {
  const oneLine = prefix + spaced(value);
  // One column is kept for the comma after it.
  if (oneLine.length < width || typeof value !== 'object' || value === null || levels === 0) return [oneLine];
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const inner = entries.flatMap(([key, item], position) => {
    const name = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `;
    const lines = format(name, item, { width: width - 2, levels: levels - 1 });
    const isLast = position === entries.length - 1;
    return lines.map((line, row) => `  ${line}${row === lines.length - 1 && !isLast ? ',' : ''}`);
  });
  return [prefix + open, ...inner, close];
}

/** One line of JSON with a space after each comma and colon, for eyes. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`).join(', ')} }`;
}

/**
 * Cuts the line into pieces of at most `width` characters, at spaces and after slashes where there are any. The pieces
 * after the first keep the line's indent and two more.
 */
export function wrap(line: string, width: number): readonly string[] {
  const indent = ' '.repeat(Math.min(line.length - line.trimStart().length + 2, Math.floor(width / 2)));
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = Math.max(rest.lastIndexOf(' ', width), rest.lastIndexOf('/', width - 1) + 1);
    const cut = at > indent.length ? at : width;
    pieces.push(rest.slice(0, cut));
    rest = indent + rest.slice(cut).trimStart();
  }
  return [...pieces, rest];
}

/** Lays out text in two columns with a rule between them; no line is longer than `width`. */
export class TwoColumns {
  readonly leftWidth: number;
  readonly rightWidth: number;

  constructor(width: number) {
    this.leftWidth = Math.floor((width - 3) / 2);
    this.rightWidth = width - 3 - this.leftWidth;
  }

  left(lines: readonly string[]): string {
    return this.#rows(lines, []);
  }

  right(lines: readonly string[]): string {
    return this.#rows([], lines);
  }

  both(left: string, right: string): string {
    return this.#rows([left], [right]);
  }

  /** A line across both columns, with a title in it if one is given. */
  rule(title?: string): string {
    if (title === undefined) return `${'─'.repeat(this.leftWidth)}─┼─${'─'.repeat(this.rightWidth)}\n`;
    return `── ${title} ${'─'.repeat(Math.max(0, this.leftWidth + this.rightWidth - title.length - 1))}\n`;
  }

  #rows(leftLines: readonly string[], rightLines: readonly string[]): string {
    const left = leftLines.flatMap((line) => wrap(line, this.leftWidth));
    const right = rightLines.flatMap((line) => wrap(line, this.rightWidth));
    let rows = '';
    for (let row = 0; row < Math.max(left.length, right.length); row++)
      rows += `${(left[row] ?? '').padEnd(this.leftWidth)} │ ${right[row] ?? ''}`.trimEnd() + '\n';
    return rows;
  }
}
