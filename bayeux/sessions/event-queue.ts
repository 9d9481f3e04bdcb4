/** The events that wait for one session: bounded by number and by bytes, in order, lazy ones marked. */

import type { PreparedEvent } from '../protocol/event.ts';

/** What happens when an event finds its queue full and no lazy event is left to give way. */
export type QueueOverflow =
  /** The session ends; its client is told to shake hands again and fetches what it missed. */
  | 'disconnect'
  /** The oldest event goes. */
  | 'dropOldest'
  /** The event that came last goes. */
  | 'dropNewest';

/** The bounds of every session's queue. */
export interface QueueBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly overflow: QueueOverflow;
}

/** What became of an event that was offered, with how many others had to go for it. */
export interface Offered {
  readonly kind: 'queued' | 'dropped' | 'overflow';
  readonly evicted: number;
}

const queued: Offered = { kind: 'queued', evicted: 0 };

/** A session that waits for nothing has no queue at all; one is made with its first event. */
export class EventQueue {
  #events: PreparedEvent[] = [];
  /** For sessions with acknowledgement: the batch each event belongs to. */
  #batches: number[] = [];
  #bytes = 0;
  #urgent = 0;
  /** How many events at the front were handed to a connection before. */
  #sent = 0;

  /** Number of events. */
  get length(): number {
    return this.#events.length;
  }

  /** Sum of the events' UTF-8 bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when something in here must not wait. */
  get isUrgent(): boolean {
    return this.#urgent > 0;
  }

  /** The events, first in first. Not to be changed. */
  get events(): readonly PreparedEvent[] {
    return this.#events;
  }

  /** From where on events have never been handed to a connection; from now on they count as handed. */
  markSent(): number {
    const from = this.#sent;
    this.#sent = this.#events.length;
    return from;
  }

  /** Offers an event under `batch` (0 for sessions without acknowledgement). */
  offer(event: PreparedEvent, batch: number, bounds: QueueBounds): Offered {
    if (this.#hasRoom(event, bounds)) {
      this.#push(event, batch);
      return queued;
    }
    let evicted = this.#dropLazy();
    if (!this.#hasRoom(event, bounds)) {
      if (event.lazy || bounds.overflow === 'dropNewest') return { kind: 'dropped', evicted };
      if (bounds.overflow === 'disconnect' || event.byteLength > bounds.maxBytes)
        return { kind: 'overflow', evicted };
      while (this.#events.length > 0 && !this.#hasRoom(event, bounds)) {
        this.#dropFirst(1);
        evicted++;
      }
    }
    this.#push(event, batch);
    return { kind: 'queued', evicted };
  }

  /** Puts events that did not reach their client back in front, ignoring the bounds they once passed. */
  putBack(events: readonly PreparedEvent[]): void {
    this.#events = [...events, ...this.#events];
    this.#batches = [...events.map(() => 0), ...this.#batches];
    this.#sent += events.length;
    this.#recount();
  }

  /** Drops the events of batches up to and including `batch`. */
  acknowledge(batch: number): void {
    let count = 0;
    while (count < this.#batches.length && (this.#batches[count] ?? 0) <= batch) count++;
    if (count > 0) this.#dropFirst(count);
  }

  /** Lazy events have waited long enough: from now on they wake like any other. */
  makeUrgent(): void {
    this.#urgent = this.#events.length;
  }

  #hasRoom(event: PreparedEvent, bounds: QueueBounds): boolean {
    return this.#events.length < bounds.maxEvents && this.#bytes + event.byteLength <= bounds.maxBytes;
  }

  #push(event: PreparedEvent, batch: number): void {
    this.#events.push(event);
    this.#batches.push(batch);
    this.#bytes += event.byteLength;
    if (!event.lazy) this.#urgent++;
  }

  #dropLazy(): number {
    const before = this.#events.length;
    this.#batches = this.#batches.filter((_, at) => this.#events[at]?.lazy === false);
    this.#sent = this.#events.slice(0, this.#sent).filter((event) => !event.lazy).length;
    this.#events = this.#events.filter((event) => !event.lazy);
    this.#recount();
    return before - this.#events.length;
  }

  #dropFirst(count: number): void {
    this.#batches.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
    for (const event of this.#events.splice(0, count)) {
      this.#bytes -= event.byteLength;
      if (!event.lazy) this.#urgent--;
    }
  }

  #recount(): void {
    this.#bytes = 0;
    this.#urgent = 0;
    for (const event of this.#events) {
      this.#bytes += event.byteLength;
      if (!event.lazy) this.#urgent++;
    }
  }
}
