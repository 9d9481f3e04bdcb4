import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerAnswer, ServerOrder } from '../orders.ts';
import { nowUs, pairChannel, pairPayload } from '../orders.ts';
import type { PairPayload } from '../orders.ts';

/** Publishes to a channel from inside the server. */
type Publish = (channel: string, payload: PairPayload) => void;

const publishTickMs = 1;

/** How long every peer holds a poll; longer than any run, so that no figure holds an idle answer. */
export const holdMs = 60_000;

/** Starts listening on a free port and obeys the orders of the benchmark until it goes away. */
export async function servePeer(server: Server, publish: Publish): Promise<void> {
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  answer({ kind: 'listening', port: (server.address() as AddressInfo).port });
  // Leaving by `exit` lets a CPU profile be written, which a signal's default end does not.
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => process.exit());
  process.on('message', (order: ServerOrder) => {
    if (order.kind === 'memory') answer({ kind: 'memory', ...memoryAfterCollection() });
    else publishOpenLoop(order, publish);
  });
}

function answer(message: ServerAnswer): void {
  process.send?.(message);
}

function memoryAfterCollection(): { heapUsed: number; external: number; rss: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapUsed, external, rss };
}

/**
 * Publishes at a steady rate whatever the server can take. Each message is stamped with the moment it was due, so a
 * server that falls behind is charged for the delay.
 */
function publishOpenLoop(
  order: { pairs: number; messagesPerSecond: number; durationMs: number },
  publish: Publish,
): void {
  const startUs = nowUs();
  const gapUs = 1_000_000 / order.messagesPerSecond;
  const total = Math.floor((order.durationMs * order.messagesPerSecond) / 1000);
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor((nowUs() - startUs) / gapUs));
    for (; sent < due; sent += 1) {
      const pair = sent % order.pairs;
      publish(
        pairChannel(pair),
        pairPayload(Math.round(startUs + sent * gapUs), numberInPair(order.pairs, pair)),
      );
    }
    if (sent < total) return;
    clearInterval(timer);
    answer({ kind: 'published', messages: sent });
  }, publishTickMs);
}

const numbers: number[] = [];

function numberInPair(pairs: number, pair: number): number {
  while (numbers.length < pairs) numbers.push(0);
  const next = (numbers[pair] ?? 0) + 1;
  numbers[pair] = next;
  return next;
}
