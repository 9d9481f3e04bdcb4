import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import type { ChatStateChangeMessage, MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import type { FoundingPage } from './founding-page.ts';
import type { TestAgent } from './test-agent.ts';
import type { TestCustomer } from './test-customer.ts';

/** Who plays: nobody has signed in or asked for a chat yet. */
export interface Cast {
  readonly customer: TestCustomer;
  /** Joins, and hands the chat back to the queue. */
  readonly earlierAgent: TestAgent;
  /** The one whose Accept the page shows. */
  readonly agent: TestAgent;
}

/** What the page shows, as it was received. */
export type Received = { readonly [Payload in keyof FoundingPage]: unknown } & {
  readonly chatId: string;
  /** What the customer was told from beginning to end. */
  readonly customerEvents: readonly CustomerEvent[];
  readonly chatEnded: boolean;
};

/** The nicknames under which the three appear. */
export const storyNames = { customer: 'PersonP', earlierAgent: 'Marat', agent: 'Kristi' } as const;

/**
 * Plays the founding page over HTTP and Bayeux. PersonP asks for a chat; Marat joins and transfers it to the queue;
 * PersonP types and says "Hello World"; Kristi accepts (here the page begins) and gets the history with its six
 * entries. Then they say goodbye. Rejects when something does not happen in time.
 */
export async function playFoundingPage(cast: Cast): Promise<Received> {
  const { customer, agent } = cast;
  const { chatId } = await beforeThePage(cast);
  const { position } = agent.recorder;
  const wait = { after: position };
  await agent.accept(chatId, { nickname: storyNames.agent });
  const reply = await agent.recorder.waitFor(
    (entry) => entry.kind === 'reply' && entry.path.endsWith(chatId),
    wait,
  );
  const statusChange = await agent.stateOf('Chatting', wait);
  const participantsUpdated = await agent.recorder.notification<ChatStateChangeMessage>(
    { notificationType: 'ParticipantsUpdated' },
    wait,
  );
  const messageLogUpdated = await agent.logged(wait);
  const afterwards = await afterThePage(cast, messageLogUpdated);
  return {
    chatId,
    reply: reply.kind === 'reply' ? reply.body : undefined,
    statusChange,
    participantsUpdated,
    messageLogUpdated,
    customerEvents: (await customer.refresh(1)).messages,
    chatEnded: afterwards.chatEnded,
  };
}

async function beforeThePage({ customer, earlierAgent, agent }: Cast): Promise<{ readonly chatId: string }> {
  await earlierAgent.goToWork('Ready');
  await agent.goToWork('NotReady');
  await customer.requestChat({ nickname: storyNames.customer, subject: 'An order' });
  const { chatId } = customer;
  await earlierAgent.offered();
  await earlierAgent.accept(chatId, { nickname: storyNames.earlierAgent });
  await earlierAgent.logged();
  await earlierAgent.setState('NotReady');
  await earlierAgent.transfer(chatId, { queueName: 'support' });
  await earlierAgent.stateOf('Completed');
  await customer.startTyping();
  await customer.send('Hello World');
  await agent.setState('Ready');
  await agent.offered();
  return { chatId };
}

async function afterThePage(
  { customer, agent }: Cast,
  { chatUri }: MessageLogUpdated,
): Promise<{ readonly chatEnded: boolean }> {
  const chatId = chatUri.slice(chatUri.lastIndexOf('/') + 1);
  const { position } = agent.recorder;
  await agent.sendMessage(chatId, 'Hello PersonP, what can I do for you?');
  await agent.logged({ after: position });
  await customer.refresh();
  await agent.complete(chatId);
  await agent.stateOf('Completed', { after: position });
  const { chatEnded } = await customer.refresh();
  return { chatEnded };
}
