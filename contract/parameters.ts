import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { DecodeUnsafe, Errors, HasCodec } from 'typebox/value';
import { refuse, type Refusal, type RefusalCode } from './refusals.ts';

/** How a wrong value of a parameter is refused; stands in its schema under `x-refusal`. */
interface RefusalHint {
  /** The refusal where the general `InvalidParameter` is not the right one. */
  readonly code?: RefusalCode;
  /** The refusal of a text that is too long. */
  readonly tooLong?: RefusalCode;
  /** Ends the sentence "The parameter …" where the check's own words say little. */
  readonly expectation?: string;
}

/** Schema options that say how a wrong value is refused. An OpenAPI extension, so that it is published as well. */
export function refusalHint(hint: RefusalHint): { readonly 'x-refusal': RefusalHint } {
  return { 'x-refusal': hint };
}

function hintOf(schema: Type.TSchema): RefusalHint {
  return 'x-refusal' in schema ? (schema['x-refusal'] as RefusalHint) : {};
}

/** `true`, `false` or their names, for clients send both (gws-agent-api §7.1); read as a boolean. */
export const BooleanParameter = Type.Codec(
  Type.Union(
    [Type.Boolean(), Type.Enum(['true', 'false'])],
    refusalHint({ expectation: 'must be true or false.' }),
  ),
)
  .Decode((value) => value === true || value === 'true')
  .Encode((value) => value);

/** A whole number from 0 as JSON or, from forms and queries, in decimal digits; read as a number. */
export const CountParameter = Type.Codec(
  Type.Union(
    [
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      Type.String({ pattern: String.raw`^\d{1,15}$` }),
    ],
    refusalHint({ expectation: 'must be a whole number, 0 or more.' }),
  ),
)
  .Decode((value) => Number(value))
  .Encode((value) => value);

/** The parameters that a schema declares, as the program reads them. */
export type Parameters<Schema extends Type.TObject> = Type.StaticDecode<Schema>;

interface ParseOptions {
  /** Forms and queries send `name=` for what they do not have; `''` is then the same as absent. */
  readonly emptyIsAbsent?: boolean;
}

/**
 * Reads the declared parameters out of a request. Unknown keys are ignored and do not come out; `null` is the same as
 * absent. A missing parameter is refused as `MissingParameter`, one of the wrong type or beyond its bounds as
 * `InvalidParameter`; the detail names it.
 */
export function parseParameters<Schema extends Type.TObject>(
  schema: Schema,
  source: Readonly<Record<string, unknown>>,
  options: ParseOptions = {},
): Parameters<Schema> | Refusal {
  const found: Record<string, unknown> = {};
  const parameters = readersOf(schema);
  for (const { name, isOptional } of parameters) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value !== undefined && value !== null && !(options.emptyIsAbsent === true && value === ''))
      found[name] = value;
    else if (!isOptional) return refuse('MissingParameter', `The parameter "${name}" is missing.`);
  }
  for (const { name, schema: property, check, isDecoded } of parameters) {
    const value = found[name];
    if (value === undefined) continue;
    if (!check(value)) return refuseValue(name, property, value);
    // One by one: decoding the object would sort the unions of its whole schema with every request.
    if (isDecoded) found[name] = DecodeUnsafe({}, property, value);
  }
  return found as Parameters<Schema>;
}

/** One parameter of a schema, ready to be read. */
interface ParameterReader {
  readonly name: string;
  readonly schema: Type.TSchema;
  readonly isOptional: boolean;
  /** Compiled: a hundred times as fast as walking the schema. */
  readonly check: (value: unknown) => boolean;
  /** Whether it is read as something else than what comes. */
  readonly isDecoded: boolean;
}

const readers = new WeakMap<Type.TObject, readonly ParameterReader[]>();

/** What a schema declares, made ready at its first use. */
function readersOf(schema: Type.TObject): readonly ParameterReader[] {
  const known = readers.get(schema);
  if (known) return known;
  const made = Object.entries<Type.TSchema>(schema.properties).map(([name, property]) => {
    let compiled: ReturnType<typeof Compile<Type.TSchema>> | undefined;
    const check = (value: unknown): boolean => (compiled ??= Compile(property)).Check(value);
    return {
      name,
      schema: property,
      isOptional: Type.IsOptional(property),
      check,
      isDecoded: HasCodec(property),
    };
  });
  readers.set(schema, made);
  return made;
}

function refuseValue(name: string, schema: Type.TSchema, value: unknown): Refusal {
  const { code = 'InvalidParameter', tooLong = code, expectation } = hintOf(schema);
  const [error] = Errors(schema, value);
  const refused = error?.keyword === 'maxLength' ? tooLong : code;
  const allowed =
    error?.keyword === 'enum' ? `must be one of ${error.params.allowedValues.join(', ')}.` : undefined;
  return refuse(
    refused,
    `The parameter "${name}" ${expectation ?? allowed ?? `${error?.message ?? 'is not valid'}.`}`,
  );
}
