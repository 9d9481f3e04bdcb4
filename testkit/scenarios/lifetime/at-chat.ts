import { vi } from 'vitest';
import type { CustomerEvent, CustomerReply } from '@parley/contract/gms/replies.ts';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type DeepPartial, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

export type File = DeepPartial<ConfigFile>;

/** A server whose one service has these settings, on a clock turned by hand. */
export function serve(service: object = {}, rest: File = {}): Promise<ServerInABox<ManualClock>> {
  const services = [{ name: 'customer-support', queue: 'support', ...service }];
  // Agents stay, whether or not they have found back after a restart before the clock is turned on.
  const presence = { lostAfterMs: 1_000_000_000 };
  return startServer({ config: { services, presence, push: { maxIntervalMs: 300 }, ...rest } });
}

/** Marat, at work, in a chat with a customer. */
export interface AtChat {
  readonly marat: TestAgent;
  readonly customer: TestCustomer;
  readonly chatId: string;
}

export async function beginChat(
  box: ServerInABox<ManualClock>,
  userData: Record<string, string> = {},
): Promise<AtChat> {
  const marat = box.agent('marat');
  const customer = box.customer();
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP', userData });
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  await marat.logged();
  return { marat, customer, chatId: id };
}

export const lineOf = ({ type, from, text }: CustomerEvent): string =>
  [type, from.type, text].filter(Boolean).join(' ');

/** Refreshes from the beginning until what the customer sees is as asked for. */
export async function seen(
  customer: TestCustomer,
  is: (reply: CustomerReply) => boolean,
): Promise<CustomerReply> {
  return vi.waitFor(
    async () => {
      const reply = await customer.refresh(1);
      if (!is(reply)) throw new Error(`not yet: ${JSON.stringify(reply)}`);
      return reply;
    },
    { timeout: 10_000, interval: 5 },
  );
}

export const over = ({ chatEnded }: CustomerReply): boolean => chatEnded;

/** Whether the agent sees the customer in the chat. */
export async function isThere(agent: TestAgent, chatId: string): Promise<boolean> {
  const { participants } = await agent.chat(chatId);
  return participants.some(({ type }) => type === 'Customer');
}
