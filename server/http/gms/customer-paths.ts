import { routes, type RouteKey } from '@parley/contract/routes.ts';

/** The routes of the customer API. */
type AnyCustomerRouteKey = {
  [Key in RouteKey]: (typeof routes)[Key]['auth'] extends 'customer' ? Key : never;
}[RouteKey];

/** Those whose bytes go through as they come. */
export type StreamedRouteKey = {
  [Key in AnyCustomerRouteKey]: (typeof routes)[Key] extends { readonly stream: string } ? Key : never;
}[AnyCustomerRouteKey];

/** Those whose forms are read whole. */
export type CustomerRouteKey = Exclude<AnyCustomerRouteKey, StreamedRouteKey>;

/** A path of the customer API taken apart; `chatId` and `fileId` are empty where the route has none. */
export interface PlaceOf<Key extends AnyCustomerRouteKey> {
  readonly key: Key;
  readonly service: string;
  readonly chatId: string;
  readonly fileId: string;
}

export type CustomerPlace = PlaceOf<CustomerRouteKey> | PlaceOf<StreamedRouteKey>;

/** What all paths of the customer API begin with (gms-customer-api §2). */
const prefix = '/genesys/2/chat/';

/** What follows `{service}/{chatId}` in a path, or `''` for the path that ends with the service → the route. */
const byOperation = new Map<string, CustomerPlace['key']>();
for (const key of Object.keys(routes) as RouteKey[]) {
  const { auth, path } = routes[key];
  if (auth !== 'customer' || !path.startsWith(prefix)) continue;
  const [, , ...operation] = path.slice(prefix.length).split('/');
  byOperation.set(operation.join('/'), key as CustomerPlace['key']);
}

/** The side door for files has no service and no chat in its path (gms-customer-api §6.3). */
const fileOperation = { key: 'customerFileOperation', service: '', chatId: '', fileId: '' } as const;

function isFileOperation(url: string): boolean {
  return /^\/genesys\/2\/chat-ntf\/?(\?|$)/.test(url);
}

/** Whether the bytes of a request or its answer go through as they come. */
export function isStreamed(place: CustomerPlace): place is PlaceOf<StreamedRouteKey> {
  return 'stream' in routes[place.key];
}

/** Which route a URL asks for; null when it is none of the customer API. A slash at its end is passed over. */
export function customerPlace(url: string): CustomerPlace | null {
  if (!url.startsWith(prefix)) return isFileOperation(url) ? fileOperation : null;
  const query = url.indexOf('?');
  const path = url.slice(prefix.length, query === -1 ? undefined : query);
  const parts = path.split('/');
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const [service = '', chatId = '', ...operation] = path.includes('%') ? decoded(parts) : parts;
  if (service === '' || (chatId === '' && operation.length > 0)) return null;
  // Only the path of a file has a name of its own between its words: `file/{fileId}/download`.
  const fileId = operation.length === 3 ? (operation[1] ?? '') : '';
  if (fileId !== '') operation[1] = '{fileId}';
  const key = chatId !== '' && operation.length === 0 ? undefined : byOperation.get(operation.join('/'));
  return key === undefined ? null : { key, service, chatId, fileId };
}

/** The segments with their percent signs read; none when one of them is malformed. */
function decoded(parts: readonly string[]): readonly string[] {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
}
