import { chatOperations } from '@parley/contract/gws/chat-operations.ts';
import type { AgentClient } from '@parley/client/agent-client.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { setStage, type Stage } from './stage.ts';

/** What is possible where, written from the reference (gws-agent-api §4, §5.3, §9) and not from the server's table. */
const focus = ['InFocus', 'SetInFocus'];
const said = [
  'SendMessage',
  'SendStartTypingNotification',
  'SendStopTypingNotification',
  'SendUrl',
  'SendCustomNotice',
];
const toAgents = [
  'SendToAgents',
  'SendStartTypingToAgentsNotification',
  'SendStopTypingToAgentsNotification',
  'SendCustomNoticeToAgents',
];
const userData = ['AttachUserData', 'UpdateUserData', 'DeleteUserData'];
const going = ['Leave', 'Complete', 'LeaveAndComplete'];
/** Nothing is there to be deleted on this stage. */
const files = ['UploadFile'];
const asking = ['Consult', 'Invite'];
const present = [...going, ...focus, ...said];

type Who = 'marat' | 'kristi' | 'sofia';
interface Row {
  readonly situation: string;
  readonly who: Who;
  readonly reach: (stage: Stage) => Promise<void>;
  readonly possible: readonly string[];
}

const nothing = async (): Promise<void> => {};
const joins =
  (how: 'consult' | 'invite') =>
  async ({ marat, kristi, chatId, uris }: Stage): Promise<void> => {
    if (how === 'consult') await marat.consult(chatId, { targetUri: uris.kristi });
    else await marat.invite(chatId, uris.kristi);
    await kristi.accept(chatId, { nickname: 'Kristi' });
  };
const supervises =
  (role: 'Monitor' | 'Coach' | 'BargeIn') =>
  async ({ sofia, ids, chatId }: Stage): Promise<void> => {
    await sofia.intrude(ids.marat, chatId, role);
    await sofia.accept(chatId, { nickname: 'Sofia' });
  };
const thenCustomerLeaves =
  (reach: Row['reach']): Row['reach'] =>
  async (stage) => {
    await reach(stage);
    await stage.customer.disconnect();
  };

const rows: readonly Row[] = [
  {
    situation: 'Invited',
    who: 'kristi',
    reach: async ({ marat, chatId, uris }) => marat.transfer(chatId, { targetUri: uris.kristi }),
    possible: ['Accept', 'Reject'],
  },
  {
    situation: 'Invited to consult',
    who: 'kristi',
    reach: async ({ marat, chatId, uris }) => void (await marat.consult(chatId, { targetUri: uris.kristi })),
    possible: ['Accept', 'Reject'],
  },
  {
    situation: 'Chatting as the only agent',
    who: 'marat',
    reach: nothing,
    possible: [...present, ...files, 'Transfer', ...asking, 'SetDisposition', ...userData],
  },
  {
    situation: 'Chatting while a consultation is not answered',
    who: 'marat',
    reach: async ({ marat, chatId, uris }) => void (await marat.consult(chatId, { targetUri: uris.sofia })),
    possible: [...present, ...files, 'Transfer', ...asking, 'CancelConsult', 'SetDisposition', ...userData],
  },
  {
    situation: 'Chatting while monitored, of which they know nothing',
    who: 'marat',
    reach: supervises('Monitor'),
    possible: [...present, ...files, 'Transfer', ...asking, 'SetDisposition', ...userData],
  },
  {
    situation: 'Chatting with a consultant',
    who: 'marat',
    reach: joins('consult'),
    possible: [
      ...present,
      ...toAgents,
      'Transfer',
      ...asking,
      'CancelConsult',
      'SetDisposition',
      ...userData,
      ...files,
    ],
  },
  {
    situation: 'Chatting in a conference, as its handler',
    who: 'marat',
    reach: joins('invite'),
    possible: [
      ...present,
      ...toAgents,
      'Transfer',
      ...asking,
      'RemoveParticipantFromConference',
      'SetDisposition',
      ...userData,
      ...files,
    ],
  },
  {
    situation: 'Chatting in a conference, as its member',
    who: 'kristi',
    reach: joins('invite'),
    possible: [...present, ...files, ...toAgents, ...asking, 'SetDisposition', ...userData],
  },
  {
    situation: 'Chatting as a consultant',
    who: 'kristi',
    reach: joins('consult'),
    possible: [...present, ...toAgents, ...userData],
  },
  {
    situation: 'Chatting as Monitor',
    who: 'sofia',
    reach: supervises('Monitor'),
    possible: [...present, ...toAgents, 'SwitchToCoach', 'SwitchToBargeIn'],
  },
  {
    situation: 'Chatting as Coach',
    who: 'sofia',
    reach: supervises('Coach'),
    possible: [...present, ...toAgents, 'SwitchToMonitor', 'SwitchToBargeIn'],
  },
  {
    situation: 'Chatting as BargeIn',
    who: 'sofia',
    reach: supervises('BargeIn'),
    possible: [...present, ...files, ...toAgents, ...userData, 'SwitchToMonitor', 'SwitchToCoach'],
  },
  {
    situation: 'Chatting after the customer has left',
    who: 'marat',
    reach: thenCustomerLeaves(nothing),
    possible: [...going, ...focus, 'SetDisposition', ...userData],
  },
  {
    situation: 'a consultant after the customer has left',
    who: 'kristi',
    reach: thenCustomerLeaves(joins('consult')),
    possible: [...going, ...focus, ...userData],
  },
  {
    situation: 'a monitor after the customer has left',
    who: 'sofia',
    reach: thenCustomerLeaves(supervises('Monitor')),
    possible: [...going, ...focus],
  },
  {
    situation: 'LeftChat',
    who: 'marat',
    reach: ({ marat, chatId }) => marat.leave(chatId),
    possible: ['Complete', ...focus, 'SetDisposition', ...userData],
  },
];

/** Parameters with which the operation would be carried out, were it possible. */
function parametersOf({ uris }: Stage): Readonly<Record<string, object>> {
  const text = { text: 'Hello' };
  const target = { targetUri: uris.kristi };
  return {
    Accept: { nickname: 'Somebody' },
    SendMessage: text,
    SendToAgents: text,
    SendUrl: { url: 'https://example.org/' },
    SendCustomNotice: { noticeText: 'n' },
    SendCustomNoticeToAgents: { noticeText: 'n' },
    Transfer: target,
    Consult: target,
    Invite: target,
    RemoveParticipantFromConference: target,
    AttachUserData: { userData: { a: '1' } },
    UpdateUserData: { userData: { a: '1' } },
    DeleteUserData: { keys: ['a'] },
    SetDisposition: { disposition: 'Done' },
    DeleteFile: { fileId: 'none' },
  };
}

async function statusCodeOf(agent: AgentClient, stage: Stage, operationName: string): Promise<number> {
  const response = await agent.fetch(`${stage.box.baseUrl}/api/v2/me/chats/${stage.chatId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operationName, ...parametersOf(stage)[operationName] }),
  });
  return ((await response.json()) as { statusCode: number }).statusCode;
}

const operationNames = Object.keys(chatOperations);
/** Those that change nothing of what else is possible: they are tried as well, not only looked up. */
const harmless = [...said, ...toAgents, ...userData, ...focus, ...files, 'SetDisposition'];

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.box.stop();
  stage = undefined;
});

describe('each operation', () => {
  it.each(rows)('$situation', async ({ who, reach, possible }) => {
    stage = await setStage();
    await reach(stage);
    const agent = stage[who];
    const { capabilities } = await agent.chat(stage.chatId);
    expect(capabilities.toSorted()).toEqual(possible.toSorted());
    for (const name of operationNames) {
      const isPossible = possible.includes(name);
      if (isPossible && !harmless.includes(name)) continue;
      expect(await statusCodeOf(agent, stage, name), name).toBe(isPossible ? 0 : 2);
    }
    // What was refused has changed nothing.
    expect((await agent.chat(stage.chatId)).capabilities).toEqual(capabilities);
  });

  it.each(rows.filter(({ possible }) => possible.length > 2))(
    'is carried out: $situation',
    async ({ who, reach, possible }) => {
      for (const name of possible.filter((one) => !harmless.includes(one))) {
        stage = await setStage();
        await reach(stage);
        expect(await statusCodeOf(stage[who], stage, name), name).toBe(0);
        await stage.box.stop();
        stage = undefined;
      }
    },
    60_000,
  );

  it('answers 6 to those who have nothing to do with the chat, and after it is completed', async () => {
    stage = await setStage();
    for (const name of operationNames) expect(await statusCodeOf(stage.sofia, stage, name), name).toBe(6);
    await stage.marat.complete(stage.chatId);
    for (const name of operationNames) expect(await statusCodeOf(stage.marat, stage, name), name).toBe(6);
  });
});
