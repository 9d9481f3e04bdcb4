import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Span } from './fold-text.ts';

/**
 * A regular expression in the syntax of RE2, which knows no lookaround and no back-references and so takes time in
 * proportion to the text, whatever the pattern and the text are.
 */
export type Pattern = (text: string) => readonly Span[];

/** The pattern, or one sentence about why it is none: it cannot be compiled, or it fits the empty text. */
export function compilePattern(source: string): Pattern | string {
  const compiled = compiledOrWhy(source);
  if (typeof compiled === 'string') return compiled;
  if (compiled.matcher('').matches()) return 'it fits the empty text, and would mask nothing';
  return (text) => {
    if (!compiled.test(text)) return [];
    const found: Span[] = [];
    const matcher = compiled.matcher(text);
    while (matcher.find()) found.push([matcher.start(), matcher.end()]);
    return found;
  };
}

function compiledOrWhy(source: string): RE2JS | string {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.message;
    throw error;
  }
}
