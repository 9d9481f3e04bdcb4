import type { HistoryNotification } from '@parley/client/agent-client.ts';
import type { Clock } from '@parley/server/clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

/** What the agent was told on `/v2/ucs/interactions` for their request, once it has come. */
export async function told<Message extends HistoryNotification>(
  agent: TestAgent,
  referenceId: number,
): Promise<Message> {
  const found = await agent.recorder.waitFor(
    (entry) =>
      entry.kind === 'notification' &&
      entry.channel === '/v2/ucs/interactions' &&
      (entry.data as { referenceId?: unknown }).referenceId === referenceId,
    { what: `the answer to ${referenceId}` },
  );
  return (found as { readonly data: unknown }).data as Message;
}

export interface PlayedChat {
  readonly nickname?: string;
  readonly emailAddress?: string;
  readonly phoneNumber?: string;
  readonly says?: readonly string[];
  readonly disposition?: string;
  readonly saveLAR?: boolean;
}

/** A whole chat that the agent, who is at work, accepts and completes; returns its id. */
export async function playChat(
  box: ServerInABox<Clock>,
  agent: TestAgent,
  { nickname = 'PersonP', says = [], disposition, saveLAR = false, phoneNumber, ...details }: PlayedChat = {},
): Promise<string> {
  const customer = box.customer();
  const { position } = agent.recorder;
  const userData = phoneNumber === undefined ? {} : { PhoneNumber: phoneNumber };
  await customer.requestChat({ nickname, userData, ...details });
  const { id } = await agent.offered({ after: position });
  await agent.accept(id, { nickname: 'The agent' });
  for (const text of says) await customer.send(text);
  if (disposition !== undefined) await agent.setDisposition(id, disposition);
  await agent.complete(id, { saveLAR });
  await agent.stateOf('Completed', { after: position });
  return id;
}
