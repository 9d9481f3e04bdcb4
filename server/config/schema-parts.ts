import Type from 'typebox';

/** Annotations of every key: a sentence for the documentation and, unless the key is required, its default. */
export interface KeyOptions<Value> {
  readonly description: string;
  readonly default?: Value;
}

/** Durations reach from nothing to 31 days; a day has 86 400 000 ms. */
export const longestMs = 2_678_400_000;

/** A whole number within bounds. */
export function whole(minimum: number, maximum: number, options: KeyOptions<number>) {
  return Type.Integer({ minimum, maximum, ...options });
}

/** A duration in milliseconds. */
export function durationMs(options: KeyOptions<number>, minimum = 0) {
  return whole(minimum, longestMs, options);
}

/** Text of bounded length without control characters; `title` says what is allowed where `pattern` does not read well. */
export function text(
  maxLength: number,
  options: KeyOptions<string> & { readonly pattern?: string; readonly title?: string },
) {
  return Type.String({
    minLength: options.default === '' ? 0 : 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    ...options,
  });
}

/** A display name: any script, no control characters. */
export const displayName = (options: KeyOptions<string>) => text(128, options);

/** The name of a skill or queue. */
export const name = (description: string) => text(64, { description });

/** The default of a section: empty, so that each key in it takes its own default. */
export const section = { additionalProperties: false, default: {} } as const;

/** An object in a list: no key but the listed ones. */
export const closed = { additionalProperties: false } as const;
