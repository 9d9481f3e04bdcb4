/**
 * The replay extension: a subscriber names a position per channel and gets everything after it, then what happens, without gap
 * or double.
 *
 * On the wire: the client sends `ext.replay: true` in its handshake and the server answers the same. A subscribe then may carry
 * `ext.replay: {"/channel": position}`, for channels named in its `subscription`, wildcards excluded. Events of a channel that
 * has positions carry `ext.replay.position`, an integer that grows along the channel and is kept by the client for the next time.
 *
 * While a channel is replayed its live events are not kept, only their highest position: whatever is behind them is in the log,
 * and pages are read until that position has been passed. So nothing is buffered, whatever the distance. Live events at
 * or below the last position delivered are doubles and dropped.
 */

import type { PreparedEvent } from '../protocol/event.ts';
import type { MaybePromise } from '../options.ts';
import type { PushSession } from '../sessions/push-session.ts';

/** One read of the log. */
export interface ReplayPage {
  /** Events of the channel with positions, each greater than the one before and than the position asked from. */
  readonly events: readonly PreparedEvent[];
  /** True when the channel's log held nothing after these events at the time of reading. */
  readonly isComplete: boolean;
}

/**
 * Where what was missed is read. The contract: an event is readable here before it is delivered live; positions of a
 * channel only grow. `undefined` says that the position cannot be served (gone, or not this subscriber's).
 */
export interface ReplaySource<P> {
  read(request: {
    readonly session: PushSession<P>;
    readonly channel: string;
    readonly afterPosition: number;
    readonly maxEvents: number;
  }): MaybePromise<ReplayPage | undefined>;
}

/** Where a session stands in one channel. */
export interface Track {
  /** Last position delivered. */
  position: number;
  /** Highest live position seen while catching up. */
  seen: number;
  isCatchingUp: boolean;
  isReading: boolean;
}

/** Where a session stands in each channel it asked to replay. */
export class ReplayCursor {
  readonly #tracks = new Map<string, Track>();

  /** Starts to replay a channel after a position. */
  start(channel: string, afterPosition: number): void {
    this.#tracks.set(channel, {
      position: afterPosition,
      seen: afterPosition,
      isCatchingUp: true,
      isReading: false,
    });
  }

  /** Forgets a channel. */
  stop(channel: string): void {
    this.#tracks.delete(channel);
  }

  /** The track of a channel; undefined when it is not replayed. */
  track(channel: string): Track | undefined {
    return this.#tracks.get(channel);
  }

  /** Channels that have not caught up and are not being read. */
  *behind(): Iterable<string> {
    for (const [channel, track] of this.#tracks) if (track.isCatchingUp && !track.isReading) yield channel;
  }

  /** Whether a live event is to be delivered now: not while its channel catches up, and not a second time. */
  admits(event: PreparedEvent): boolean {
    if (event.position === undefined) return true;
    const track = this.#tracks.get(event.channel);
    if (track === undefined) return true;
    if (track.isCatchingUp) {
      track.seen = Math.max(track.seen, event.position);
      return false;
    }
    if (event.position <= track.position) return false;
    track.position = event.position;
    return true;
  }

  /**
   * Takes of a page what `hasRoom`: the events to be delivered. The channel is live when all of the page was taken, it was
   * the last, and nothing was seen beyond it.
   */
  accept(
    channel: string,
    page: ReplayPage,
    hasRoom: (event: PreparedEvent) => boolean,
  ): readonly PreparedEvent[] {
    const track = this.#tracks.get(channel);
    if (track === undefined) return [];
    const fresh: PreparedEvent[] = [];
    for (const event of page.events) {
      if (event.position === undefined || event.position <= track.position) continue;
      if (!hasRoom(event)) return fresh;
      track.position = event.position;
      fresh.push(event);
    }
    track.isCatchingUp = !(page.isComplete && track.position >= track.seen);
    return fresh;
  }
}

/** The positions a subscribe names for its channels; `invalid` when the shape or a channel is wrong. */
export function readPositions(
  ext: Readonly<Record<string, unknown>>,
  names: readonly string[],
): ReadonlyMap<string, number> | 'invalid' {
  const replay = ext['replay'];
  const positions = new Map<string, number>();
  if (replay === undefined || replay === null || typeof replay === 'boolean') return positions;
  if (typeof replay !== 'object' || Array.isArray(replay)) return 'invalid';
  for (const [channel, position] of Object.entries(replay)) {
    if (!names.includes(channel) || channel.endsWith('*')) return 'invalid';
    if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < -1) return 'invalid';
    positions.set(channel, position);
  }
  return positions;
}
