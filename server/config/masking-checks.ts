import { compilePattern } from '../masking/pattern.ts';
import type { Problem } from './problem.ts';
import type { ConfigFile } from './schema.ts';

/** Each rule has a preset or a pattern, and the pattern can be compiled. */
export function maskingChecks({ masking }: Pick<ConfigFile, 'masking'>): Problem[] {
  return masking.rules.flatMap(({ preset, pattern }, position): Problem[] => {
    const path = ['masking', 'rules', position];
    if (preset === undefined && pattern === undefined)
      return [{ path, sentence: 'missing; needed: preset or pattern' }];
    if (pattern === undefined) return [];
    if (preset !== undefined)
      return [{ path, sentence: 'found both preset and pattern; allowed: one of them' }];
    const compiled = compilePattern(pattern);
    if (typeof compiled !== 'string') return [];
    const allowed = 'allowed: a regular expression of RE2, without lookaround and back-references';
    return [{ path: [...path, 'pattern'], sentence: `${compiled}; ${allowed}` }];
  });
}
