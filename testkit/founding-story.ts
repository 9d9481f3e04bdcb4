import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import type { ChatStateChangeMessage, MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import type { FoundingPage } from './founding-page.ts';
import type { Recorded } from './recorder.ts';
import type { TestAgent } from './test-agent.ts';
import type { TestCustomer } from './test-customer.ts';

/** Who plays: nobody has signed in or asked for a chat yet. */
export interface Cast {
  readonly customer: TestCustomer;
  /** Joins, and hands the chat back to the queue. */
  readonly earlierAgent: TestAgent;
  /** The one whose Accept the page shows. */
  readonly agent: TestAgent;
  /** Told what comes next, for whoever watches. */
  readonly narrate: (step: string) => void;
}

/** What the page shows, as it was received. */
export type Received = { readonly [Payload in keyof FoundingPage]: unknown } & {
  readonly chatId: string;
  /** The `notificationType` of the three notifications, in the order in which they came. */
  readonly order: readonly unknown[];
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
  const { agent, narrate } = cast;
  const { chatId, joined } = await beforeThePage(cast);
  narrate('Kristi accepts: here the founding page begins');
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
  const order = agent.recorder.all.slice(position).flatMap((entry) => notificationTypeOf(entry));
  const afterwards = await afterThePage(cast, messageLogUpdated);
  return {
    chatId,
    order,
    reply: reply.kind === 'reply' ? reply.body : undefined,
    statusChange,
    participantsUpdated,
    messageLogUpdated,
    customerEvents: [...joined, ...afterwards.told],
    chatEnded: afterwards.chatEnded,
  };
}

function notificationTypeOf(entry: Recorded): readonly unknown[] {
  if (entry.kind !== 'notification' || entry.channel !== '/v2/me/chats') return [];
  const notification = entry.data as { readonly notificationType?: unknown };
  return [notification.notificationType];
}

/** `joined` and, below, `told`: what the customer's requests brought. */
async function beforeThePage({
  customer,
  earlierAgent,
  agent,
  narrate,
}: Cast): Promise<{ readonly chatId: string; readonly joined: readonly CustomerEvent[] }> {
  narrate('Marat and Kristi go to work; Marat is ready');
  await earlierAgent.goToWork('Ready');
  await agent.goToWork('NotReady');
  narrate('PersonP asks for a chat; it is offered to Marat');
  const { messages: joined } = await customer.requestChat({
    nickname: storyNames.customer,
    subject: 'An order',
  });
  const { chatId } = customer;
  await earlierAgent.offered();
  narrate('Marat accepts');
  await earlierAgent.accept(chatId, { nickname: storyNames.earlierAgent });
  await earlierAgent.logged();
  narrate('Marat takes a break and transfers the chat to the queue');
  await earlierAgent.setState('NotReady');
  await earlierAgent.transfer(chatId, { queueName: 'support' });
  await earlierAgent.stateOf('Completed');
  narrate('PersonP types and says something');
  await customer.startTyping();
  await customer.send('Hello World');
  narrate('Kristi gets ready; the chat is offered to her');
  await agent.setState('Ready');
  await agent.offered();
  return { chatId, joined };
}

async function afterThePage(
  { customer, agent, narrate }: Cast,
  { chatUri }: MessageLogUpdated,
): Promise<{ readonly chatEnded: boolean; readonly told: readonly CustomerEvent[] }> {
  const chatId = chatUri.slice(chatUri.lastIndexOf('/') + 1);
  narrate('Kristi answers');
  const { position } = agent.recorder;
  await agent.sendMessage(chatId, 'Hello PersonP, what can I do for you?');
  await agent.logged({ after: position });
  const { messages: answered } = await customer.refresh();
  narrate('Kristi completes the chat, which ends it for PersonP');
  await agent.complete(chatId);
  await agent.stateOf('Completed', { after: position });
  const { messages: ended, chatEnded } = await customer.refresh();
  return { chatEnded, told: [...answered, ...ended] };
}
