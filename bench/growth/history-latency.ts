import { CustomerClient } from '@parley/client/customer-client.ts';
import { benchService } from '../chat/orders.ts';
import { signIn } from '../chat/parley-pair.ts';
import { startParley } from '../chat/run-once.ts';
import { median } from '../lib/statistics.ts';

const rounds = 3;
const sentAtOnce = 32;
const arrivesWithinMs = 30_000;

/** From the request to accept a chat until its whole history has come over the agent's push connection, by its length. */
export async function historyLatencies(
  lengths: readonly number[],
): Promise<{ messages: number; medianMs: number }[]> {
  const found = [];
  for (const messages of lengths) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await once(messages));
    found.push({ messages, medianMs: median(times) });
  }
  return found;
}

async function once(messages: number): Promise<number> {
  const server = startParley({ pairs: 1, moreAgents: 0 });
  try {
    const { port } = await server.next('listening');
    const { agent } = await signIn(port, 0);
    await agent.openNotifications();
    const customer = new CustomerClient({ baseUrl: `http://127.0.0.1:${port}`, service: benchService });
    await customer.requestChat({ nickname: 'Customer' });
    let left = messages;
    const write = async (): Promise<void> => {
      while (left > 0) await customer.send(`Message ${left--}.`);
    };
    await Promise.all(Array.from({ length: Math.min(sentAtOnce, messages) }, write));
    const offered = Promise.withResolvers<void>();
    agent.on('chat', (told) => {
      if (told.messageType === 'ChatStateChangeMessage' && told.chat.state === 'Invited') offered.resolve();
    });
    await agent.setState('Ready');
    await offered.promise;
    const arrived = Promise.withResolvers<void>();
    let read = 0;
    agent.on('messages', (told) => {
      read += told.messages.filter(({ type }) => type === 'Text').length;
      if (read >= messages) arrived.resolve();
    });
    const beganMs = performance.now();
    await agent.accept(customer.chatId, { nickname: 'Agent' });
    const late = setTimeout(
      () => arrived.reject(new Error(`${read} of ${messages} messages of the history came`)),
      arrivesWithinMs,
    );
    await arrived.promise;
    clearTimeout(late);
    await agent.closeNotifications();
    return performance.now() - beganMs;
  } finally {
    await server.stop();
  }
}
