import { isRefusal } from '@parley/contract/refusals.ts';
import { expect, test } from 'vitest';
import { isClosed, isLive, type Chat } from './chat.ts';
import type { SupervisorRole } from './chat-event.ts';
import type { NewFile } from './chat-file.ts';
import type { AgentCommand, ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, FileId, ParticipantId } from './ids.ts';
import { carriedOut, chatId, placement, reason, requestedEvents } from './sample-request.ts';

/**
 * What each command makes happen where it stands, told in lines: the type of an event, then its values in their order.
 * Ann (`a`) handles the chat, Bob (`b`) is asked in, Sue (`s`) supervises. A seat is called after who takes it.
 */
const [a, b, s] = ['a', 'b', 's'] as [AgentId, AgentId, AgentId];
const seat = (name: string): ParticipantId => name as ParticipantId;
const announcement = { participantId: seat('us'), nickname: 'Us', text: 'Wait.' };
const message = { text: 'Bye' };

const offer = { type: 'Offer', agentId: a, expiresAtMs: 30, reason } as const;
const accept = (agentId: AgentId, more: object = {}): ChatCommand => ({
  ...{ type: 'Accept', agentId, nickname: agentId.toUpperCase(), participantId: seat(`${agentId}1`) },
  ...{ saveLar: false, ...more },
});
const by = (agentId: AgentId, type: AgentCommand['type'], more: object = {}): ChatCommand =>
  ({ type, agentId, ...more }) as ChatCommand;
const ask = (type: 'Consult' | 'Invite', from = a, to = b): ChatCommand => ({
  ...{ type, agentId: from },
  asked: { agentId: to, expiresAtMs: 40, participantId: seat(`${to}2`), referenceId: 7 },
});
const intrude = (role: SupervisorRole, watched = a): ChatCommand => ({
  ...{ type: 'Intrude', agentId: s, watched, role, expiresAtMs: 50 },
});
const complete = (agentId: AgentId, more: object = {}): ChatCommand =>
  by(agentId, 'Complete', { saveLar: false, ...more });
const toAgent = (agentId: AgentId): object => ({
  to: { agentId, expiresAtMs: 60, participantId: seat(`${agentId}3`) },
});
const elsewhere = { ...placement, queue: 'elsewhere' };
const file = (fileId: string): NewFile => ({
  ...{ fileId: fileId as FileId, name: 'a.txt', size: 3, mediaType: 'text/plain', sha256: '00' },
});

const waiting: readonly ChatCommand[] = [];
const offered = [offer];
const talking = [offer, accept(a)];
const consulting = [...talking, ask('Consult')];
const consulted = [...consulting, accept(b)];
const inviting = [...talking, ask('Invite')];
const conference = [...inviting, accept(b)];
const watched = (role: SupervisorRole): readonly ChatCommand[] => [...talking, intrude(role), accept(s)];
const left = { type: 'CustomerLeave' } as const;

function valuesOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'set' ? JSON.stringify(inner) : valuesOf(inner),
  );
}

const minute = 60_000;

/** The chat after these commands, none of which may be refused, one a minute. */
function after(commands: readonly ChatCommand[], lifetime: object): Chat {
  const { chat } = stamp(null, requestedEvents({ lifetime }), { chatId, atMs: 0 });
  return commands.reduce((before, command, at) => carriedOut(before, command, (at + 1) * minute).chat, chat);
}

/** How it stands: the session, where it waits and since which minute, then its agents, as far as they still matter. */
function standing(chat: Chat): string {
  const since = chat.waitingSinceMs / minute;
  const excluded = chat.exclusions.map(({ agentId, untilMs }) => ` without ${agentId} until ${untilMs}`);
  const waits = chat.waiting ? `, waits in ${chat.placement.queue} since ${since}${excluded.join()}` : '';
  const agents = chat.assignments
    .filter(isLive)
    .map(({ agentId, role, state, participantId }) =>
      `, ${agentId} ${role} ${state} ${participantId ?? ''}`.trimEnd(),
    );
  return `${isClosed(chat) ? 'Closed' : chat.session}${waits}${agents.join('')}`;
}

/** What the command makes happen, and how the chat stands then; or the refusal. */
function tell([what, given, command, lifetime = {}]: Story): string {
  const chat = after(given, lifetime);
  const decided = decide(chat, command);
  if (isRefusal(decided)) return `${what}\n  refused: ${decided.refused} ${decided.detail ?? ''}`.trimEnd();
  const atMs = (given.length + 1) * minute;
  const next = decided.length > 0 ? stamp(chat, decided, { chatId, atMs }).chat : chat;
  return [what, ...decided.map((event) => valuesOf(event).join(' ')), `= ${standing(next)}`].join('\n  ');
}

type Story = readonly [what: string, given: readonly ChatCommand[], command: ChatCommand, lifetime?: object];

const stories: readonly Story[] = [
  ['an offer', waiting, offer],
  ['an offer that nobody waits for', offered, { ...offer, agentId: b }],
  [
    'an offer that runs out',
    offered,
    { type: 'RevokeOffer', agentId: a, reason: 'no-answer', notBeforeMs: 9 },
  ],
  [
    'a consultation that runs out',
    consulting,
    { type: 'RevokeOffer', agentId: b, reason: 'no-answer', notBeforeMs: 9 },
  ],
  [
    'an offer taken back that was taken',
    talking,
    { type: 'RevokeOffer', agentId: a, reason: 'no-answer', notBeforeMs: 9 },
  ],
  ['Accept', offered, accept(a, { saveLar: true })],
  [
    'Accept of one who is watched',
    offered,
    accept(a, {
      supervisors: [
        { agentId: s, role: 'Coach', nickname: 'S', participantId: seat('s1') },
        { agentId: a, role: 'Monitor', nickname: 'A', participantId: seat('a9') },
      ],
    }),
  ],
  [
    'Accept of a member whose supervisor is there already',
    [...watched('Coach'), ask('Invite')],
    accept(b, { supervisors: [{ agentId: s, role: 'Monitor', nickname: 'S', participantId: seat('s2') }] }),
  ],
  [
    'Accept of a consultant who is watched',
    consulting,
    accept(b, { supervisors: [{ agentId: s, role: 'Coach', nickname: 'S', participantId: seat('s1') }] }),
  ],
  [
    'Accept of after-chat work',
    [...talking, left, complete(a, { placement }), offer],
    accept(a, { saveLar: true }),
  ],
  ['Reject', offered, by(a, 'Reject', { notBeforeMs: 9 })],
  ['Reject of a consultation', consulting, by(b, 'Reject', { notBeforeMs: 9 })],
  ['Complete of the member who became the handler', [...conference, by(a, 'Leave')], complete(b)],
  ['SendMessage', talking, by(a, 'SendMessage', { message })],
  ['SendMessage of a consultant', consulted, by(b, 'SendMessage', { message })],
  ['SendMessage of a monitor', watched('Monitor'), by(s, 'SendMessage', { message })],
  ['SendToAgents', consulted, by(a, 'SendToAgents', { message })],
  ['SendToAgents with no other agent there', talking, by(a, 'SendToAgents', { message })],
  ['SendUrl', talking, by(a, 'SendUrl', { url: 'u' })],
  ['SendCustomNotice', talking, by(a, 'SendCustomNotice', { noticeText: 'n' })],
  ['SendCustomNoticeToAgents', consulted, by(a, 'SendCustomNoticeToAgents', { noticeText: 'n' })],
  ['SendStartTypingNotification', talking, by(a, 'SendStartTypingNotification')],
  ['SendStopTypingNotification', talking, by(a, 'SendStopTypingNotification')],
  ['SendStartTypingToAgentsNotification', consulted, by(a, 'SendStartTypingToAgentsNotification')],
  ['SendStopTypingToAgentsNotification', consulted, by(a, 'SendStopTypingToAgentsNotification')],
  ['SetInFocus', talking, by(a, 'SetInFocus')],
  ['Consult', talking, ask('Consult')],
  ['Consult of somebody who is asked already', consulting, ask('Consult')],
  ['Invite', talking, ask('Invite')],
  ['Invite of a consultant', consulted, ask('Invite')],
  ['Invite of somebody who was in the chat before', [...conference, by(b, 'Leave')], ask('Invite')],
  ['CancelConsult', consulting, by(a, 'CancelConsult')],
  ['CancelConsult of an invitation', inviting, by(a, 'CancelConsult')],
  ['CancelConsult when it was accepted', consulted, by(a, 'CancelConsult')],
  [
    'RemoveParticipantFromConference',
    conference,
    by(a, 'RemoveParticipantFromConference', { target: b, message }),
  ],
  [
    'RemoveParticipantFromConference of one who asked somebody in',
    [...conference, ask('Consult', b, s)],
    by(a, 'RemoveParticipantFromConference', { target: b }),
  ],
  [
    'RemoveParticipantFromConference of a supervisor',
    [...conference, intrude('Coach'), accept(s)],
    by(a, 'RemoveParticipantFromConference', { target: s }),
  ],
  [
    'RemoveParticipantFromConference of nobody',
    conference,
    by(a, 'RemoveParticipantFromConference', { target: s }),
  ],
  [
    'RemoveParticipantFromConference of oneself',
    conference,
    by(a, 'RemoveParticipantFromConference', { target: a }),
  ],
  ['Leave of the last agent', talking, by(a, 'Leave', { message })],
  ['Leave of a consultant', consulted, by(b, 'Leave')],
  ['Leave of the handler, with a consultant there', consulted, by(a, 'Leave')],
  ['Leave of the handler, with a consultant asked', consulting, by(a, 'Leave')],
  ['Leave of the handler, with a member there', conference, by(a, 'Leave')],
  [
    'Leave of the handler of a conference who asked somebody in',
    [...conference, ask('Consult', a, s)],
    by(a, 'Leave'),
  ],
  ['Leave of a member', conference, by(b, 'Leave')],
  ['Leave of the last agent, watched', watched('Coach'), by(a, 'Leave')],
  ['Leave after the end', [...talking, left], by(a, 'Leave')],
  ['Leave after the end with a word', [...talking, left], by(a, 'Leave', { message })],
  ['Complete', talking, complete(a, { message, saveLar: true })],
  ['Complete of a member', conference, complete(b)],
  ['Complete of a supervisor', watched('BargeIn'), complete(s)],
  ['Complete after Leave', [...talking, by(a, 'Leave')], complete(a)],
  ['Complete into a queue', talking, complete(a, { placement: elsewhere })],
  ['Complete into a queue while others are there', conference, complete(a, { placement: elsewhere })],
  ['Complete without the disposition that is asked for', talking, complete(a, { dispositionKey: 'D' })],
  [
    'Complete with an empty disposition',
    [...talking, by(a, 'SetDisposition', { key: 'D', disposition: '' })],
    complete(a, { dispositionKey: 'D' }),
  ],
  [
    'Complete with the disposition that is asked for',
    [...talking, by(a, 'SetDisposition', { key: 'D', disposition: 'x' })],
    complete(a, { dispositionKey: 'D' }),
  ],
  ['Complete of a member without a disposition', conference, complete(b, { dispositionKey: 'D' })],
  ['LeaveAndComplete', talking, by(a, 'LeaveAndComplete', { saveLar: false })],
  ['Transfer to a queue', talking, by(a, 'Transfer', { to: { placement: elsewhere }, message })],
  [
    'Transfer to a queue, with a consultant there and a supervisor asked',
    [...consulted, intrude('Coach')],
    by(a, 'Transfer', { to: { placement: elsewhere } }),
  ],
  [
    'Transfer to a queue while others are there',
    conference,
    by(a, 'Transfer', { to: { placement: elsewhere } }),
  ],
  ['Transfer to an agent', talking, by(a, 'Transfer', toAgent(b))],
  ['Transfer to an agent who is asked in', inviting, by(a, 'Transfer', toAgent(b))],
  ['Transfer to the consultant', consulted, by(a, 'Transfer', toAgent(b))],
  ['Transfer to the member', conference, by(a, 'Transfer', toAgent(b))],
  ['Transfer to a supervisor of the chat', watched('Coach'), by(a, 'Transfer', toAgent(s))],
  [
    'Transfer to an agent, with a member there',
    [...conference, ask('Consult', a, s)],
    by(a, 'Transfer', toAgent('z' as AgentId)),
  ],
  [
    'a transfer that is not taken, with a member there',
    [...conference, by(a, 'Transfer', toAgent(s))],
    by(s, 'Reject', { notBeforeMs: 9 }),
  ],
  [
    'a transfer that is not taken',
    [...talking, by(a, 'Transfer', toAgent(b))],
    by(b, 'Reject', { notBeforeMs: 9 }),
  ],
  [
    'Leave of the member while somebody is asked to take over',
    [...conference, by(a, 'Transfer', toAgent(s))],
    by(b, 'Leave'),
  ],
  ['AttachUserData', talking, by(a, 'AttachUserData', { userData: { k: 'v' } })],
  ['DeleteUserData', talking, by(a, 'DeleteUserData', { keys: ['k'] })],
  ['SetDisposition', talking, by(a, 'SetDisposition', { key: 'D', disposition: 'x' })],
  ['Intrude', talking, intrude('Monitor')],
  ['Intrude where the agent is not', offered, intrude('Monitor')],
  ['Intrude on a supervisor', watched('Coach'), { ...intrude('Monitor', s), agentId: b } as ChatCommand],
  ['Intrude after the end', [...talking, left], intrude('Monitor')],
  ['Intrude twice', watched('Monitor'), intrude('Coach')],
  ['SwitchToCoach of a monitor', watched('Monitor'), by(s, 'SwitchToCoach', { participantId: seat('s4') })],
  ['SwitchToBargeIn of a coach', watched('Coach'), by(s, 'SwitchToBargeIn', { participantId: seat('s4') })],
  [
    'SwitchToMonitor of who barged in',
    watched('BargeIn'),
    by(s, 'SwitchToMonitor', { participantId: seat('s4') }),
  ],
  ['UploadFile', talking, by(a, 'UploadFile', { file: file('f'), maxFiles: 1 })],
  [
    'UploadFile once more than there may be',
    [...talking, by(a, 'UploadFile', { file: file('f'), maxFiles: 1 })],
    by(a, 'UploadFile', { file: file('g'), maxFiles: 1 }),
  ],
  [
    'DeleteFile',
    [...talking, by(a, 'UploadFile', { file: file('f'), maxFiles: 1 })],
    by(a, 'DeleteFile', { fileId: 'f' }),
  ],
  ['an operation of somebody who has nothing to do with the chat', talking, by(b, 'Leave')],
  ['an operation of somebody whose offer stands', offered, by(a, 'Leave')],
  ['an operation of somebody who is done', [...conference, by(b, 'Leave')], by(b, 'Leave')],
  ['CustomerSend', talking, { type: 'CustomerSend', message }],
  ['CustomerSend after the end', [...talking, left], { type: 'CustomerSend', message }],
  ['CustomerTyping', talking, { type: 'CustomerTyping', started: true, text: 'Hel' }],
  ['CustomerTyping that ends', talking, { type: 'CustomerTyping', started: false }],
  ['CustomerUpdateNickname', talking, { type: 'CustomerUpdateNickname', nickname: 'Q' }],
  ['CustomerUpdateNickname to the same', talking, { type: 'CustomerUpdateNickname', nickname: 'PersonP' }],
  ['CustomerPushUrl', talking, { type: 'CustomerPushUrl', url: 'u' }],
  ['CustomerNotice', talking, { type: 'CustomerNotice', noticeText: 'n' }],
  ['CustomerUpdateData', talking, { type: 'CustomerUpdateData', userData: { k: 'v' } }],
  [
    'CustomerUpdateData to the same and something new',
    [{ type: 'CustomerUpdateData', userData: { k: 'v' } }],
    { type: 'CustomerUpdateData', userData: { k: 'v', l: 'w' } },
  ],
  [
    'CustomerUpdateData to the same',
    [{ type: 'CustomerUpdateData', userData: { k: 'v' } }],
    { type: 'CustomerUpdateData', userData: { k: 'v' } },
  ],
  ['CustomerReadReceipt', talking, { type: 'CustomerReadReceipt', position: 1 }],
  ['CustomerReadReceipt beyond the end of the log', talking, { type: 'CustomerReadReceipt', position: 99 }],
  [
    'CustomerReadReceipt of what was read',
    [...talking, { type: 'CustomerReadReceipt', position: 2 }],
    { type: 'CustomerReadReceipt', position: 2 },
  ],
  ['CustomerLeave while the chat waits', waiting, left],
  ['CustomerLeave while it is offered', offered, left],
  ['CustomerLeave', consulting, left],
  ['Overflow', waiting, { type: 'Overflow', placement: elsewhere }],
  ['Overflow of a chat that is offered', offered, { type: 'Overflow', placement: elsewhere }],
  ['GiveUp', waiting, { type: 'GiveUp', announcement }],
  ['GiveUp of after-chat work', [...talking, left, complete(a, { placement })], { type: 'GiveUp' }],
  ['AgentGone', talking, { type: 'AgentGone', agentId: a, announcement }],
  ['AgentGone with a member there', conference, { type: 'AgentGone', agentId: a, announcement }],
  ['AgentGone of a consultant', consulted, { type: 'AgentGone', agentId: b, announcement }],
  ['AgentGone whose offer stands', offered, { type: 'AgentGone', agentId: a }],
  ['AgentGone with after-chat work', [...talking, left, by(a, 'Leave')], { type: 'AgentGone', agentId: a }],
  ['EndAfterChatWork', [...talking, left, by(a, 'Leave')], { type: 'EndAfterChatWork', agentId: a }],
  ['EndAfterChatWork in the conversation', talking, { type: 'EndAfterChatWork', agentId: a }],
  ['CustomerGone', talking, { type: 'CustomerGone' }],
  ['RaiseAlarm', talking, { type: 'RaiseAlarm', alarm: 'Idle' }],
  [
    'RaiseAlarm twice',
    [...talking, { type: 'RaiseAlarm', alarm: 'Idle' }],
    { type: 'RaiseAlarm', alarm: 'Idle' },
  ],
  [
    'the second offer to whoever was asked in and went',
    [...conference, by(b, 'Leave'), by(a, 'Transfer', { to: { placement } })],
    { ...offer, agentId: b },
  ],
  [
    'an offer after two were not taken',
    [offer, by(a, 'Reject', { notBeforeMs: 9 }), { ...offer, agentId: b }],
    by(b, 'Reject', { notBeforeMs: 8 }),
  ],
  [
    'an offer that is not taken twice by one',
    [offer, by(a, 'Reject', { notBeforeMs: 9 }), offer],
    by(a, 'Reject', { notBeforeMs: 10 }),
  ],
  ['Leave of the last agent of an asynchronous chat', talking, by(a, 'Leave'), { isAsync: true }],
  [
    'the customer writes into a chat that sleeps',
    [...talking, by(a, 'Leave')],
    { type: 'CustomerSend', message },
    { isAsync: true },
  ],
  [
    'the customer types into a chat that sleeps',
    [...talking, by(a, 'Leave')],
    { type: 'CustomerTyping', started: true },
    { isAsync: true },
  ],
  [
    'the customer writes where an agent is, asynchronously',
    talking,
    { type: 'CustomerSend', message },
    { isAsync: true },
  ],
  ['Complete of an asynchronous chat', talking, complete(a), { isAsync: true }],
  [
    'LeaveAndComplete of an asynchronous chat',
    talking,
    by(a, 'LeaveAndComplete', { saveLar: false }),
    { isAsync: true },
  ],
  [
    'CustomerLeave of a chat that is never abandoned, while it waits',
    waiting,
    left,
    { stopAbandoned: 'never' },
  ],
  [
    'CustomerLeave of a chat that may be abandoned, while it waits',
    waiting,
    left,
    { stopAbandoned: 'always' },
  ],
  ['CustomerLeave without an answer, where none abandons it', waiting, left, { stopAbandoned: 'noanswer' }],
];

test('each command makes happen what chat-stories.golden.txt tells', async () => {
  await expect(`${stories.map(tell).join('\n\n')}\n`).toMatchFileSnapshot('chat-stories.golden.txt');
});
