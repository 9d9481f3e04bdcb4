/** A JSON Schema, or a part of an OpenAPI or AsyncAPI document, as plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * Gathers the schemas that have a name (`title`) so that a document holds each once. `place` returns the schema as
 * JSON with every named part replaced by a reference to `#/components/schemas/<title>`.
 */
export class ComponentSchemas {
  readonly #named = new Map<string, Json>();

  place(schema: object): JsonObject {
    // TypeBox keeps its own marks in properties that JSON leaves out.
    return this.#replace(JSON.parse(JSON.stringify(schema)) as JsonObject) as JsonObject;
  }

  /** The named schemas so far, by name. */
  all(): JsonObject {
    return Object.fromEntries([...this.#named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #replace(part: Json): Json {
    if (Array.isArray(part)) return part.map((item: Json) => this.#replace(item));
    if (part === null || typeof part !== 'object') return part;
    const entries = Object.entries(part as JsonObject).map(
      ([key, value]) => [key, this.#replace(value)] as const,
    );
    const replaced: JsonObject = Object.fromEntries(entries);
    const { title } = replaced;
    if (typeof title !== 'string') return replaced;
    const known = this.#named.get(title);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(replaced))
      throw new Error(`two different schemas are called ${title}`);
    this.#named.set(title, replaced);
    return { $ref: `#/components/schemas/${title}` };
  }
}
