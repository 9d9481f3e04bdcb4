import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Check, Default } from 'typebox/value';
import { expect, it } from 'vitest';
import { readValue } from './read-value.ts';
import { withoutNull, type SchemaNode } from './schema-node.ts';
import { configSchema } from './schema.ts';

const schema = configSchema as SchemaNode;

const texts = [
  'a',
  'b',
  'https://a.example',
  '/push',
  `whsec_${'A'.repeat(32)}`,
  'postgres://a:b@c/d',
  'clamav:3310',
  '09:00-17:30',
  '2026-12-24',
  '0'.repeat(32),
  '00000000-0000-4000-8000-000000000000',
  `scrypt$16384$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
];

/** Values that may or may not fit, in the places of the schema. */
function nearly(node: SchemaNode): fc.Arbitrary<unknown> {
  const anything = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1,
    1.5,
    70_000,
    NaN,
    '',
    'chat',
    'x'.repeat(500),
    [],
    {},
  );
  const { node: plain } = withoutNull(node);
  const fitting = ((): fc.Arbitrary<unknown> => {
    if (plain.enum) return fc.constantFrom<unknown>(...plain.enum);
    if (plain.properties) {
      const model = Object.fromEntries(
        Object.entries(plain.properties).map(([key, one]) => [key, nearly(one)]),
      );
      const needed = (plain.required ?? []).filter((key) => plain.properties?.[key]?.default === undefined);
      return fc.oneof(
        { weight: 600, arbitrary: fc.record(model, { requiredKeys: needed }) },
        { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
      );
    }
    if (plain.items) {
      // Two that are alike would be one problem of many lists.
      const maxLength = plain.uniqueItems ? 1 : 2;
      return fc.array(nearly(plain.items), { minLength: plain.minItems ?? 0, maxLength });
    }
    const inMap = Object.values(plain.patternProperties ?? {})[0];
    if (inMap) return fc.dictionary(fc.constantFrom('a', 'b'), nearly(inMap), { maxKeys: 2 });
    if (plain.default !== undefined) return fc.constant(plain.default);
    const least = [plain.minimum ?? 1, 'x'.repeat(plain.minLength ?? 1)];
    const fits = [...texts, ...least].filter((one) => Check(plain as TSchema, one));
    // A union has parts, of which none is tried here: whatever comes is wrong then.
    return fc.constantFrom<unknown>(...(fits.length > 0 ? fits : texts));
  })();
  return fc.oneof({ weight: 2000, arbitrary: fitting }, { weight: 1, arbitrary: anything });
}

it('finds no problem exactly when TypeBox finds none, and then reads the same', () => {
  const seen = { fitting: 0, wrong: 0 };
  fc.assert(
    fc.property(nearly(schema), (value) => {
      const result = readValue(schema, value);
      const fits = result.problems.length === 0;
      seen[fits ? 'fitting' : 'wrong']++;
      const completed = Default(configSchema, structuredClone(value));
      expect(Check(configSchema, completed)).toBe(fits);
      if (fits) expect(result.value).toEqual(completed);
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(Math.min(seen.fitting, seen.wrong)).toBeGreaterThan(20);
});

it('reads what it has read unchanged', () => {
  const { value } = readValue(schema, {});
  expect(readValue(schema, value)).toEqual({ value, problems: [] });
});

it('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, maxDepth: 4 }), (value) => {
      readValue(schema, value);
      readValue(schema, { agents: [value], listen: value, skills: value });
    }),
    { seed: 1 },
  );
});
