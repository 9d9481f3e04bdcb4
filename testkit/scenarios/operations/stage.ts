import type { ChatMessage } from '@parley/contract/gws/chat.ts';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import type { ManualClock } from '../../manual-clock.ts';
import type { Recorded } from '../../recorder.ts';
import { startServer, type BoxOptions, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

export type StageConfig = Partial<ConfigFile>;

/** What each of the four has received since they were last asked, a line each. */
export interface News {
  readonly marat: readonly string[];
  readonly kristi: readonly string[];
  readonly sofia: readonly string[];
  readonly customer: readonly string[];
}

/** Two agents, a supervisor and a customer, of whom everything is on record. */
export interface Stage {
  readonly box: ServerInABox<ManualClock>;
  readonly marat: TestAgent;
  readonly kristi: TestAgent;
  readonly sofia: TestAgent;
  readonly customer: TestCustomer;
  readonly chatId: string;
  readonly ids: { readonly marat: string; readonly kristi: string; readonly sofia: string };
  readonly uris: { readonly marat: string; readonly kristi: string; readonly sofia: string };
  /**
   * Everything about the chat that the four have received since the last call and nothing else: a notification that
   * each agent causes afterwards has arrived behind it, so that what is not in the list was not sent.
   */
  news(): Promise<News>;
}

/** Marat handles the customer's chat, Kristi and Sofia are ready; nobody has any news. */
export async function setStage(config?: BoxOptions['config']): Promise<Stage> {
  const box = await startServer(config ? { config } : {});
  const [marat, kristi, sofia] = [box.agent('marat'), box.agent('kristi'), box.agent('sofia')];
  const customer = box.customer();
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP' });
  const { chatId } = customer;
  await marat.offered();
  await marat.accept(chatId, { nickname: 'Marat' });
  for (const agent of [kristi, sofia]) await agent.goToWork();
  const people = { marat: await marat.me(), kristi: await kristi.me(), sofia: await sofia.me() };
  const read = { marat: 0, kristi: 0, sofia: 0, customer: 0 };
  const stage: Stage = {
    box,
    marat,
    kristi,
    sofia,
    customer,
    chatId,
    ids: { marat: people.marat.id, kristi: people.kristi.id, sofia: people.sofia.id },
    uris: { marat: people.marat.uri, kristi: people.kristi.uri, sofia: people.sofia.uri },
    async news() {
      const agentNews = async (name: 'marat' | 'kristi' | 'sofia'): Promise<readonly string[]> => {
        const agent = stage[name];
        const until = await barrier(agent);
        const lines = agent.recorder.all.slice(read[name], until).flatMap(linesOf);
        read[name] = until;
        return lines;
      };
      const [ofMarat, ofKristi, ofSofia] = [
        await agentNews('marat'),
        await agentNews('kristi'),
        await agentNews('sofia'),
      ];
      const { messages, monitored } = await customer.refresh(read.customer + 1);
      if (monitored) throw new Error('the customer was told that somebody listens');
      read.customer = Math.max(read.customer, ...messages.map(({ index }) => index));
      return {
        marat: ofMarat,
        kristi: ofKristi,
        sofia: ofSofia,
        customer: messages.map(({ type, from, text }) =>
          [type, from.nickname, text].filter(Boolean).join(' '),
        ),
      };
    },
  };
  await stage.news();
  return stage;
}

/** Causes a notification and waits for it: whatever was sent to the agent before has arrived. */
async function barrier(agent: TestAgent): Promise<number> {
  const { position } = agent.recorder;
  // By turns on and off, so that the state is the same afterwards.
  for (const operationName of ['DoNotDisturbOn', 'DoNotDisturbOff']) await agent.setState(operationName);
  const isLast = (entry: Recorded): boolean =>
    entry.kind === 'notification' && JSON.stringify(entry.data).includes('"dndState":"Off"');
  await agent.recorder.waitFor(isLast, { after: position });
  return agent.recorder.all.findIndex((entry, at) => at >= position && isLast(entry)) + 1;
}

interface ChatNotification {
  readonly notificationType?: string;
  readonly errorMessage?: string;
  readonly referenceId?: number;
  readonly chat?: {
    readonly state: string;
    readonly participants: readonly { readonly nickname: string; readonly visibility: string }[];
  };
  readonly messages?: readonly ChatMessage[];
}

function linesOf(entry: Recorded): string[] {
  if (entry.kind !== 'notification' || entry.channel !== '/v2/me/chats') return [];
  const { notificationType, errorMessage, chat, messages } = entry.data as ChatNotification;
  if (messages)
    return messages.map(({ type, from, visibility, text, url, noticeText }) =>
      [type, from.nickname, text ?? url ?? noticeText, visibility].filter(Boolean).join(' '),
    );
  const there = chat?.participants.map(({ nickname, visibility }) => `${nickname}/${visibility}`).join(' ');
  const shown = notificationType === 'ParticipantsUpdated' ? there : (errorMessage ?? chat?.state);
  return [`${notificationType} ${shown}`];
}
