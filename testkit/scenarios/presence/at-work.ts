import { vi } from 'vitest';
import type { DeepPartial } from '../../server-in-a-box.ts';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import type { ManualClock } from '../../manual-clock.ts';
import type { Recorder } from '../../recorder.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

export const lostAfterMs = 5_000;
export const graceMs = 60_000;
export const notice = 'Your agent has lost their connection. Somebody else will be with you soon.';

/** Marat in a chat with the customer; Kristi ready, who would get the next. */
export interface AtWork {
  readonly box: ServerInABox<ManualClock>;
  readonly marat: TestAgent;
  readonly kristi: TestAgent;
  readonly customer: TestCustomer;
  readonly chatId: string;
}

/** Sessions of the push engine end soon after their connection is cut: it runs on real time. */
export function startBox(config: DeepPartial<ConfigFile> = {}): Promise<ServerInABox<ManualClock>> {
  const presence = { lostAfterMs, graceMs, notice, ...config.presence };
  return startServer({ config: { ...config, push: { maxIntervalMs: 300 }, presence } });
}

export async function startChat(box: ServerInABox<ManualClock>): Promise<AtWork> {
  const marat = box.agent('marat');
  const kristi = box.agent('kristi');
  const customer = box.customer();
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP', text: 'first' });
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  await marat.logged();
  await marat.sendMessage(id, 'second');
  await kristi.goToWork();
  return { box, marat, kristi, customer, chatId: id };
}

/** What the agent has been told of chats after `position`. */
export function heard(recorder: Recorder, position = 0): readonly unknown[] {
  return recorder.all
    .slice(position)
    .flatMap((entry) =>
      entry.kind === 'notification' && entry.channel.endsWith('/chats') ? [entry.data] : [],
    );
}

/** Waits until the server runs a timer for this moment of the turned clock. */
export async function timerAt(clock: ManualClock, atMs: number): Promise<void> {
  await vi.waitFor(
    () => {
      if (!clock.pending().includes(atMs)) throw new Error(`nothing is due at ${atMs}`);
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** The joins and leaves of the message log, as the customer reads them. */
export async function comingsAndGoings(customer: TestCustomer): Promise<readonly string[]> {
  const { messages } = await customer.refresh(1);
  return messages.flatMap(({ type, from }) =>
    from.type === 'Agent' && type.startsWith('Participant') ? [`${from.nickname} ${type.slice(11)}`] : [],
  );
}
