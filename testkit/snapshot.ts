/**
 * Rules by key: a text under such a key is an id of this kind. `id` depends on what it belongs to, so it is told by
 * the key of the object (or list) around it.
 */
const kindOfKey: Readonly<Record<string, string>> = {
  chatId: 'chat',
  participantId: 'participant',
  secureKey: 'secure-key',
  contactId: 'contact',
  ContactId: 'contact',
  clientId: 'client',
  alias: 'alias',
};
const kindOfOwner: Readonly<Record<string, string>> = {
  chat: 'chat',
  chats: 'chat',
  participants: 'participant',
  from: 'participant',
  user: 'user',
  users: 'user',
};
const kindOfPath: Readonly<Record<string, string>> = { chats: 'chat', users: 'user' };

const timeKeys = new Set(['utcTime', 'timestampSeconds', 'timestamp', 'receivedDate', 'atMs', 'expiresAtMs']);
const timestampPattern = /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g;
const portPattern = /(\b(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d+/g;
const pathPattern = /\/(chats|users)\/([0-9A-Za-z-]{8,})/g;
const uuidPattern = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/**
 * Swaps what differs from run to run for stable names: ids (`<chat-1>`, `<participant-2>`), secure keys, reference
 * ids, times (`<time>`) and ports. The same id has the same name in everything one instance is given.
 */
export class SnapshotNames {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** A deep copy of the JSON value with the names in it; the value itself stays as it was. */
  forSnapshot(value: unknown): unknown {
    this.#learn(value, { key: '', owner: '' });
    return this.#rename(value, '');
  }

  /** Finds the ids first, in an order that does not depend on that of the keys, so that names do not either. */
  #learn(value: unknown, at: { readonly key: string; readonly owner: string }): void {
    if (Array.isArray(value)) return value.forEach((item) => this.#learn(item, at));
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return entries.forEach(([key, item]) => this.#learn(item, { key, owner: at.key }));
    }
    if (at.key === 'referenceId' && typeof value === 'number')
      return this.#name('reference', `reference ${value}`);
    if (typeof value !== 'string' || value === '') return;
    const kind = at.key === 'id' ? kindOfOwner[at.owner] : kindOfKey[at.key];
    if (kind !== undefined) this.#name(kind, value);
    for (const [, collection = '', id = ''] of value.matchAll(pathPattern))
      this.#name(kindOfPath[collection] ?? 'id', id);
    for (const [uuid] of value.matchAll(uuidPattern)) this.#name('id', uuid);
  }

  #name(kind: string, id: string): void {
    if (this.#names.has(id)) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#names.set(id, `<${kind}-${count}>`);
  }

  #rename(value: unknown, key: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#rename(item, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [this.#renameText(name), this.#rename(item, name)]),
      );
    if (timeKeys.has(key)) return '<time>';
    if (key === 'referenceId' && typeof value === 'number') return this.#names.get(`reference ${value}`);
    return typeof value === 'string' ? (this.#names.get(value) ?? this.#renameText(value)) : value;
  }

  /** Ids inside a longer text are renamed where they stand alone: not within a longer word. */
  #renameText(text: string): string {
    return text
      .replace(timestampPattern, '<time>')
      .replace(portPattern, '$1:<port>')
      .replace(/[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*/g, (word) =>
        isLongId(word) ? (this.#names.get(word) ?? word) : word,
      );
  }
}

/** Short ids, such as the alias `1`, are swapped where they are a whole value only. */
function isLongId(word: string): boolean {
  return word.length >= 8;
}

/** One value by itself: numbering starts at 1. See `SnapshotNames` for several that share their ids. */
export function forSnapshot(value: unknown): unknown {
  return new SnapshotNames().forSnapshot(value);
}
