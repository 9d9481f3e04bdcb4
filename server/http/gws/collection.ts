import { pick, readList } from './fields.ts';

/** What a client may ask of any collection (gws-agent-api §1.3). */
export interface PageRequest {
  readonly fields?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly sortBy?: string | undefined;
  readonly order?: 'Ascending' | 'Descending' | undefined;
}

/** The items whose fields equal the parameters of the same names; those that were not given filter nothing. */
export function filtered<Item extends object>(
  items: readonly Item[],
  filters: Readonly<Record<string, string | undefined>>,
): readonly Item[] {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  if (given.length === 0) return items;
  return items.filter((item) => {
    const fields = item as Readonly<Record<string, unknown>>;
    return given.every(([name, value]) => String(fields[name]) === value);
  });
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''), 'en');
}

type CollectionReply<Name extends string, Item> =
  | { readonly statusCode: 0; totalCount: number; uris: string[] }
  | ({ readonly statusCode: 0; totalCount: number } & Record<Name, Partial<Item>[]>);

/**
 * A collection as it was asked for: sorted by a field, a page of it, with the named fields or, without `fields`, the
 * URIs alone. `totalCount` counts the items of all pages.
 */
export function collectionReply<Name extends string, Item extends { readonly uri: string }>(
  name: Name,
  items: readonly Item[],
  page: PageRequest,
): CollectionReply<Name, Item> {
  const { fields, limit = Infinity, offset = 0, sortBy, order = 'Ascending' } = page;
  const sign = order === 'Ascending' ? 1 : -1;
  const key = sortBy as keyof Item | undefined;
  const sorted =
    key === undefined ? items : items.toSorted((one, other) => sign * compare(one[key], other[key]));
  const chosen = sorted.slice(offset, offset + limit);
  const totalCount = items.length;
  if (fields === undefined) return { statusCode: 0, totalCount, uris: chosen.map(({ uri }) => uri) };
  const names = readList(fields);
  const picked = { [name]: chosen.map((item) => pick(item, names)) } as Record<Name, Partial<Item>[]>;
  return { statusCode: 0, totalCount, ...picked };
}

/** How deep `subresources` reaches: not at all, one level for `*` or a list, everything for `**`. */
export function depthOf(subresources: string | undefined): number {
  if (subresources === undefined) return 0;
  return subresources.split(',').some((name) => name.trim() === '**') ? Infinity : 1;
}
