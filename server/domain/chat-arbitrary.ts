import fc from 'fast-check';
import { isRefusal } from '@parley/contract/refusals.ts';
import { capabilitiesOf, chatOperationNames, isChatOperation, type ChatOperation } from './capabilities.ts';
import { carries, seated, type Chat } from './chat.ts';
import type { StoredEvent } from './chat-event.ts';
import type { FileQuota, NewFile } from './chat-file.ts';
import type { AgentCommand, ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, FileId, ParticipantId } from './ids.ts';
import { chatId, placement, requestedEvents } from './sample-request.ts';

/** Chats played at random, for the tests of properties: any command by anybody at any time. */

/** The last one only supervises, so that monitors do not all end up as handlers. */
export const agentIds = ['a', 'b', 'c', 's'] as AgentId[];

export interface Step {
  readonly kind:
    | ChatOperation
    | 'Offer'
    | 'RevokeOffer'
    | 'CustomerSend'
    | 'CustomerTyping'
    | 'CustomerRemark'
    | 'CustomerFile'
    | 'CustomerLeave'
    | 'CustomerGone'
    | 'AlertIdle'
    | 'CloseIdle'
    | 'Intrude';
  readonly agent: number;
  readonly other: number;
  readonly flag: boolean;
  readonly text: string;
  /** Three of four steps are made by somebody who may make them: blind ones rarely get anywhere. */
  readonly aim: number;
}

const kinds = [
  ...chatOperationNames,
  'Offer',
  'RevokeOffer',
  'CustomerSend',
  'CustomerTyping',
  'CustomerRemark',
  'CustomerFile',
  'CustomerLeave',
  'CustomerGone',
  'AlertIdle',
  'CloseIdle',
  'Intrude',
] as const;

export const steps = fc.array(
  fc.record({
    // Offers and acceptances are what makes the rest possible, so they come more often.
    kind: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('Offer' as const, 'Accept' as const) },
      { weight: 2, arbitrary: fc.constantFrom('Consult' as const, 'Invite' as const, 'Intrude' as const) },
      { weight: 8, arbitrary: fc.constantFrom(...kinds) },
    ),
    agent: fc.nat(3),
    other: fc.nat(3),
    flag: fc.boolean(),
    text: fc.oneof(fc.constant(''), fc.constant('q'), fc.string({ maxLength: 5 })),
    aim: fc.nat(3),
  }),
  { maxLength: 60, size: 'max' },
);

const newFile = (size: number, count: number): NewFile => ({
  fileId: `f${count}` as FileId,
  name: 'a.txt',
  size,
  mediaType: 'text/plain',
  sha256: '',
});

export const quota: FileQuota = { maxFiles: 3, maxTotalBytes: 5, needAgent: false, deleteGivesBack: true };

/** The latest file, of whomever it is, or one that there is not. */
function latestFile(chat: Chat): FileId {
  return chat.files.at(-1)?.fileId ?? ('none' as FileId);
}

function fileCommandOf(chat: Chat, { other, flag }: Step, count: number): ChatCommand {
  if (other === 0) return { type: 'CustomerDownloadFile', fileId: latestFile(chat), maxDownloads: 3 };
  if (other === 1) return { type: 'CustomerDeleteFile', fileId: latestFile(chat) };
  return { type: 'CustomerUploadFile', file: newFile(flag ? 1 : 3, count), quota };
}

function remarkOf({ other, flag, text }: Step): ChatCommand {
  const remarks: readonly ChatCommand[] = [
    { type: 'CustomerUpdateNickname', nickname: text },
    { type: 'CustomerNotice', noticeText: text },
    { type: 'CustomerUpdateData', userData: { [text]: text } },
    { type: 'CustomerReadReceipt', position: other },
  ];
  return remarks[other + Number(flag)] ?? { type: 'CustomerPushUrl', url: 'https://a.example' };
}

/** A command of the step's kind with valid parameters; `count` makes participant ids that never repeat. */
function commandOf(chat: Chat, step: Step, count: number): ChatCommand {
  const [agentId, other] = castOf(chat, step);
  const expiresAtMs = count + 30;
  switch (step.kind) {
    case 'Offer': {
      const reason = { rule: 'longest-ready', waitedMs: 0, effectivePriority: 0, eligibleAgents: 1 } as const;
      return { type: 'Offer', agentId, expiresAtMs, reason };
    }
    case 'RevokeOffer':
      return { type: 'RevokeOffer', agentId, reason: 'no-answer', notBeforeMs: count + 5 };
    case 'CustomerSend':
      return { type: 'CustomerSend', message: { text: step.text } };
    case 'CustomerTyping':
      return { type: 'CustomerTyping', started: step.flag };
    case 'CustomerRemark':
      return remarkOf(step);
    case 'CustomerFile':
      return fileCommandOf(chat, step, count);
    case 'CustomerLeave':
    case 'CustomerGone':
      return { type: step.kind };
    case 'AlertIdle':
    case 'CloseIdle':
      return idleCommandOf(chat, step, count);
    case 'Intrude': {
      const role = (['Monitor', 'Coach', 'BargeIn'] as const)[count % 3] ?? 'Monitor';
      return { type: 'Intrude', agentId, watched: other, role, expiresAtMs };
    }
    default:
      return { agentId, ...agentCommandOf(step, { chat, other, count, expiresAtMs }) } as AgentCommand;
  }
}

function idleCommandOf(chat: Chat, { kind, text }: Step, count: number): ChatCommand {
  const participantId = `x${count}` as ParticipantId;
  const said = text === '' ? {} : { announcement: { participantId, nickname: 'Us', text } };
  if (kind === 'CloseIdle') return { type: 'CloseIdle', ...said };
  const number = chat.activity.alert?.number === 1 ? 2 : 1;
  const sinceMs = chat.activity.lastAtMs.major;
  return { type: 'AlertIdle', number, counted: 'major', sinceMs, closesAtMs: count + 5, ...said };
}

/** Who makes the step, and whom it is about. */
function castOf(chat: Chat, step: Step): readonly [AgentId, AgentId] {
  const { kind, aim } = step;
  const pick = (from: readonly AgentId[], at: number): AgentId => {
    const list = aim > 0 && from.length > 0 ? from : agentIds;
    return list[at % list.length] ?? ('a' as AgentId);
  };
  const may = isChatOperation(kind)
    ? agentIds.filter((one) => capabilitiesOf(chat, one).includes(kind))
    : kind === 'RevokeOffer'
      ? chat.assignments.flatMap((one) => (one.state === 'Invited' ? [one.agentId] : []))
      : [];
  const about = seated(chat).flatMap((one) => {
    const isMeant = kind === 'Intrude' ? carries(one.role) : one.role === 'Member';
    return isMeant && (kind === 'Intrude' || kind === 'RemoveParticipantFromConference') ? [one.agentId] : [];
  });
  return [pick(may, step.agent), pick(about, step.other)];
}

function agentCommandOf(
  step: Step,
  { chat, other, count, expiresAtMs }: { chat: Chat; other: AgentId; count: number; expiresAtMs: number },
): object {
  const type = step.kind;
  const participantId = `p${count}` as ParticipantId;
  const message = step.text === '' ? {} : { message: { text: step.text } };
  const saveLar = step.flag;
  switch (step.kind) {
    case 'Accept': {
      const watching = { agentId: 's', role: 'Monitor', nickname: 'S', participantId: `q${count}` };
      return { type, nickname: step.text, participantId, saveLar, supervisors: step.flag ? [watching] : [] };
    }
    case 'Reject':
      return { type, notBeforeMs: count + 5 };
    case 'SendMessage':
    case 'SendToAgents':
      return { type, message: { text: step.text } };
    case 'SendUrl':
      return { type, url: 'https://example.org/' };
    case 'SendCustomNotice':
    case 'SendCustomNoticeToAgents':
      return { type, noticeText: step.text };
    case 'Leave':
      return { type, ...message };
    case 'Complete':
      return { type, saveLar, ...message, ...(step.text === 'q' ? { placement } : {}) };
    case 'LeaveAndComplete':
      return { type, saveLar, ...message };
    case 'Transfer':
      return {
        type,
        ...message,
        to: step.flag ? { placement } : { agentId: other, expiresAtMs, participantId },
      };
    case 'Consult':
    case 'Invite':
      return { type, asked: { agentId: other, expiresAtMs, participantId, referenceId: count } };
    case 'RemoveParticipantFromConference':
      return { type, target: other, ...message };
    case 'AttachUserData':
    case 'UpdateUserData':
      return { type, userData: { [step.text]: count } };
    case 'DeleteUserData':
      return { type, keys: [step.text] };
    case 'SetDisposition':
      return { type, key: 'DispositionCode', disposition: step.text };
    case 'UploadFile':
      return { type, file: newFile(1, count), maxFiles: 3 };
    case 'DeleteFile':
      return { type, fileId: latestFile(chat) };
    default:
      return { type, participantId };
  }
}

/** The ways in which a chat may live; most are usual ones. */
const lifetimes = [
  {},
  {},
  { isAsync: true },
  { stopAbandoned: 'never' },
  { stopAbandoned: 'noanswer' },
  { stopAbandoned: 'always' },
  { isAsync: true, stopAbandoned: 'never' },
] as const;

export function begin(lifetime: (typeof lifetimes)[number] = {}): {
  chat: Chat;
  stored: readonly StoredEvent[];
} {
  return stamp(null, requestedEvents({ lifetime }), { chatId, atMs: 0 });
}

export interface Seen {
  readonly before: Chat;
  readonly after: Chat;
  readonly command: ChatCommand;
  readonly refused: boolean;
  readonly events: readonly StoredEvent[];
}

/** Plays the steps; `look` sees the chat before and after each, and what was decided. Returns the log. */
export function play(list: readonly Step[], look: (seen: Seen) => void): readonly StoredEvent[] {
  // How the chat lives is drawn with its first step.
  const [first] = list;
  const start = begin(lifetimes[first ? first.other + first.aim : 0]);
  const log = [...start.stored];
  let chat = start.chat;
  list.forEach((step, count) => {
    const command = commandOf(chat, step, count);
    const decided = decide(chat, command);
    const before = chat;
    let events: readonly StoredEvent[] = [];
    if (!isRefusal(decided) && decided.length > 0) {
      const next = stamp(chat, decided, { chatId, atMs: count });
      events = next.stored;
      log.push(...events);
      chat = next.chat;
    }
    look({ before, after: chat, command, refused: isRefusal(decided), events });
  });
  return log;
}
