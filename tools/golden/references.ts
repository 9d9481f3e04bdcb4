import type { Json, JsonObject } from './component-schemas.ts';

/** Every `$ref` of a document that points nowhere within it. References to other documents count as such. */
export function danglingReferences(document: JsonObject): string[] {
  return [...referencesIn(document)].filter((reference) => resolvePointer(document, reference) === undefined);
}

function* referencesIn(part: Json): Iterable<string> {
  if (part === null || typeof part !== 'object') return;
  for (const [key, value] of Object.entries(part)) {
    if (key === '$ref' && typeof value === 'string') yield value;
    else yield* referencesIn(value as Json);
  }
}

function resolvePointer(document: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith('#/')) return undefined;
  const keys = reference
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let part: Json | undefined = document;
  for (const key of keys) {
    if (part === null || typeof part !== 'object' || !Object.hasOwn(part, key)) return undefined;
    part = (part as JsonObject)[key];
  }
  return part;
}
