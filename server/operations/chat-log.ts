import { logFrom, type StoredEvent } from '../domain/chat-event.ts';

/** Events that are put away together. Twice as many are at hand at most, which is more than most chats ever have. */
const packetLength = 64;

interface Packet {
  /** A JSON array of events. */
  readonly events: Buffer;
  /** The highest index that an event up to its end has; 0 when none is in the message log. */
  readonly lastIndex: number;
}

function eventsIn({ events }: Packet): StoredEvent[] {
  return JSON.parse(events.toString()) as StoredEvent[];
}

/**
 * All events of a live chat in the order of `seq`, which counts from 1. The newest are at hand; older ones are put away as JSON
 * outside of the heap: so a collection of garbage looks at about a hundred events of a chat, however long it lasts.
 */
export class ChatLog {
  readonly #packets: Packet[] = [];
  readonly #newest: StoredEvent[] = [];

  constructor(events: readonly StoredEvent[] = []) {
    this.push(events);
  }

  /** Events that are put away. */
  get #away(): number {
    return this.#packets.length * packetLength;
  }

  /** When the newest was stamped; 0 when there is none. */
  get lastAtMs(): number {
    return this.#newest.at(-1)?.atMs ?? 0;
  }

  push(events: readonly StoredEvent[]): void {
    for (const event of events) this.#newest.push(event);
    while (this.#newest.length >= 2 * packetLength) this.#putAway();
  }

  #putAway(): void {
    const events = this.#newest.splice(0, packetLength);
    const lastIndex = events.findLast(({ index }) => index !== undefined)?.index;
    this.#packets.push({
      events: Buffer.from(JSON.stringify(events)),
      lastIndex: lastIndex ?? this.#packets.at(-1)?.lastIndex ?? 0,
    });
  }

  /** The first `length` events. */
  upTo(length: number): readonly StoredEvent[] {
    const packets = this.#packets.slice(0, Math.ceil(length / packetLength));
    return [...packets.flatMap(eventsIn), ...this.#newest].slice(0, length);
  }

  /** The message log from this index on, of the first `length` events: `most` entries at most, oldest first. */
  from(index: number, length: number, most = Infinity): readonly StoredEvent[] {
    const found: StoredEvent[] = [];
    const first = this.#packets.findLastIndex(({ lastIndex }) => lastIndex < index) + 1;
    for (const [at, packet] of this.#packets.slice(first).entries()) {
      if (found.length >= most) break;
      const before = (first + at) * packetLength;
      found.push(...logFrom(eventsIn(packet), index, Math.min(packetLength, length - before)));
    }
    if (found.length < most)
      found.push(...logFrom(this.#newest, index, Math.min(this.#newest.length, length - this.#away)));
    return found.length > most ? found.slice(0, most) : found;
  }
}
