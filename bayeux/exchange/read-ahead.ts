/** Replay at work: pages from the source into the queue, one after the other, as fast as the client takes them and no faster. */

import type { Core } from '../core.ts';
import type { ReplayPage } from '../extensions/replay.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { failed, type Pending, settle } from './settle.ts';

/** Replay fills half of a queue at most: the rest is for what is delivered live on other channels. */
const share = 1 / 2;
/** It reads on when no more than this waits. Not only when nothing does: on a busy session something always waits. */
const readOnAt = 1 / 4;

/** Reads on for every channel of a session that has not caught up. Called when deliveries have left the session's queue. */
export function readAhead<P>(core: Core<P>, session: PushSession<P>): void {
  if (session.replay === undefined || !session.isLive) return;
  const { maxQueueEvents, maxQueueBytes } = core.options;
  for (const channel of [...session.replay.behind()]) {
    const { length = 0, bytes = 0 } = session.queue ?? {};
    if (length > maxQueueEvents * readOnAt || bytes > maxQueueBytes * readOnAt) return;
    void readPage(core, session, {
      channel,
      maxEvents: core.options.replayPageEvents,
      failed: () => give(core, session),
    });
  }
}

/** Without what it was promised a session is of no use: its client shakes hands again. */
function give<P>(core: Core<P>, session: PushSession<P>): void {
  core.delivery.end(session, 'replayFailed');
}

/**
 * Reads one page of a channel and queues it. `failed` is called when the source has no page for the position, fails, or
 * breaks its contract; the last two are reported.
 */
export function readPage<P>(
  core: Core<P>,
  session: PushSession<P>,
  request: { readonly channel: string; readonly maxEvents: number; readonly failed: () => void },
): Pending {
  const { channel, maxEvents } = request;
  const source = core.options.replay;
  const track = session.replay?.track(channel);
  if (source === undefined || track === undefined) return undefined;
  track.isReading = true;
  const seenBefore = track.seen;
  return settle<P, ReplayPage | undefined>(
    core,
    () => source.read({ session, channel, afterPosition: track.position, maxEvents }),
    (page) => {
      track.isReading = false;
      if (!session.isLive || session.replay?.track(channel) !== track) return;
      if (page === failed || page === undefined) {
        request.failed();
        return;
      }
      const taken = queuePage(core, session, { channel, page });
      // With events queued the next page is read when they have gone out.
      if (!track.isCatchingUp || session.queue !== undefined || !session.isLive) return;
      if (taken === 0 && (!page.isComplete || track.position < seenBefore)) {
        core.report(
          new Error(
            `replay of ${channel}: the source does not have what was delivered live, or stands still`,
          ),
        );
        request.failed();
        return;
      }
      // What was delivered live during this read is in the log by now.
      return readPage(core, session, request);
    },
  );
}

/** Queues what of a page the session has room for, and returns how much that was. */
function queuePage<P>(
  core: Core<P>,
  session: PushSession<P>,
  read: { readonly channel: string; readonly page: ReplayPage },
): number {
  const { maxQueueEvents, maxQueueBytes } = core.options;
  let count = session.queue?.length ?? 0;
  let bytes = session.queue?.bytes ?? 0;
  const hasRoom = (event: PreparedEvent) => {
    count++;
    bytes += event.byteLength;
    return count === 1 || (count <= maxQueueEvents * share && bytes <= maxQueueBytes * share);
  };
  const events = session.replay?.accept(read.channel, read.page, hasRoom) ?? [];
  for (const event of events) if (!core.delivery.enqueue(session, event)) break;
  return events.length;
}
