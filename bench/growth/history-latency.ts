import type { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { CustomerPushClient } from '@parley/client/customer-push-client.ts';
import type { ChatMessage } from '@parley/contract/gws/chat.ts';
import { benchService } from '../chat/orders.ts';
import { signIn } from '../chat/parley-pair.ts';
import { startParley } from '../chat/run-once.ts';
import { median } from '../lib/statistics.ts';

const sentAtOnce = 32;
const arrivesWithinMs = 30_000;

/** From the request to accept a chat until the agent has its whole history: pushed, and read where that is its end only. */
export async function historyLatencies(
  lengths: readonly number[],
  rounds: number,
): Promise<{ messages: number; medianMs: number }[]> {
  const found = [];
  for (const messages of lengths) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await once(messages));
    found.push({ messages, medianMs: median(times) });
  }
  return found;
}

/** From a tab's first request until it has been pushed everything that was said, with its connection already open. */
export async function catchUpMs(messages: number, rounds: number): Promise<number> {
  const server = startParley({ pairs: 1, moreAgents: 0 });
  try {
    const { port } = await server.next('listening');
    const customer = await chatOf(port, messages);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const tab = new CustomerPushClient({ baseUrl: `http://127.0.0.1:${port}`, service: benchService });
      tab.resume(customer.credentials);
      // It connects with its first operation.
      await tab.startTyping();
      const beganMs = performance.now();
      let texts = 0;
      for await (const { type } of tab.events()) {
        texts += Number(type === 'Message');
        if (texts === messages) break;
      }
      times.push(performance.now() - beganMs);
      await tab.close();
    }
    return median(times);
  } finally {
    await server.stop();
  }
}

async function chatOf(port: number, messages: number): Promise<CustomerClient> {
  const customer = new CustomerClient({ baseUrl: `http://127.0.0.1:${port}`, service: benchService });
  await customer.requestChat({ nickname: 'Customer' });
  let left = messages;
  const write = async (): Promise<void> => {
    while (left > 0) await customer.send(`Message ${left--}.`);
  };
  await Promise.all(Array.from({ length: Math.min(sentAtOnce, messages) }, write));
  return customer;
}

async function once(messages: number): Promise<number> {
  const server = startParley({ pairs: 1, moreAgents: 0 });
  try {
    const { port } = await server.next('listening');
    const { agent } = await signIn(port, 0);
    await agent.openNotifications();
    const customer = await chatOf(port, messages);
    const offered = Promise.withResolvers<void>();
    agent.on('chat', (told) => {
      if (told.messageType === 'ChatStateChangeMessage' && told.chat.state === 'Invited') offered.resolve();
    });
    await agent.setState('Ready');
    await offered.promise;
    const { chatId } = customer;
    const arrived = Promise.withResolvers<number>();
    agent.on('messages', ({ messages: [first] }) => first && arrived.resolve(first.index));
    const beganMs = performance.now();
    await agent.accept(chatId, { nickname: 'Agent' });
    const late = setTimeout(() => arrived.reject(new Error('no history came')), arrivesWithinMs);
    // Of a long history only the end is pushed: the agent reads the rest.
    const isWhole = (await arrived.promise) === 1;
    const read = isWhole ? messages : await textsOf(agent, chatId);
    if (read !== messages) throw new Error(`${read} of ${messages} messages of the history came`);
    clearTimeout(late);
    await agent.closeNotifications();
    return performance.now() - beganMs;
  } finally {
    await server.stop();
  }
}

/** How many messages the agent reads, page by page. */
async function textsOf(agent: AgentClient, chatId: string): Promise<number> {
  let texts = 0;
  for (let startIndex: number | undefined = 1; startIndex !== undefined;) {
    const page: readonly ChatMessage[] = await agent.messages(chatId, { startIndex });
    texts += page.filter(({ type }) => type === 'Text').length;
    const last = page.at(-1);
    startIndex = last && last.index + 1;
  }
  return texts;
}
