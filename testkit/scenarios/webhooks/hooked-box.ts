import type { ConfigFile } from '@parley/server/config/schema.ts';
import { vi } from 'vitest';
import { ManualClock } from '../../manual-clock.ts';
import { startServer, type DeepPartial, type ServerInABox } from '../../server-in-a-box.ts';
import { hookSecret, WebhookReceiver } from '../../webhook-receiver.ts';

type HookConfig = DeepPartial<ConfigFile['webhooks'][number]>;

/** A server and somebody who is told of its chats. */
export interface HookedBox {
  readonly box: ServerInABox<ManualClock>;
  readonly crm: WebhookReceiver;
  stop(): Promise<void>;
}

/** An attempt may take longer than any wait that the tests turn the clock by. */
export const outbox = {
  attemptTimeoutMs: 100_000,
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
  maxAttempts: 5,
} as const;

export async function startHooked(
  hook: HookConfig = {},
  config: DeepPartial<ConfigFile> = {},
): Promise<HookedBox> {
  const clock = new ManualClock();
  const crm = await WebhookReceiver.start(() => clock.now());
  const webhooks = [{ name: 'crm', url: crm.url, secret: hookSecret, allowPrivateAddresses: true, ...hook }];
  const box = await startServer({ clock, config: { outbox, ...config, webhooks } });
  return {
    box,
    crm,
    async stop() {
      await crm.stop();
      await box.stop();
    },
  };
}

/** Waits until the server has set a timer within the next `withinMs`, then turns the clock there. */
export async function turnToNext(clock: ManualClock, withinMs: number): Promise<void> {
  const next = (): number | undefined => clock.pending().find((atMs) => atMs <= clock.now() + withinMs);
  await vi.waitFor(() => {
    if (next() === undefined) throw new Error(`nothing falls due within ${withinMs} ms`);
  });
  clock.advanceTo(next() ?? clock.now());
}
