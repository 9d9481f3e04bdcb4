import type { Chat } from '../domain/chat.ts';
import type { LoggedEvent, Participant, UserData, Visibility } from '../domain/chat-event.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LogEntry } from './agent-view.ts';
import { fileData } from './file-view.ts';
import type { WireFormat } from './wire-format.ts';

/** The entries that a transcript holds: everything but typing. */
export function transcriptEntries(entries: readonly LogEntry[]): LogEntry[] {
  return entries.filter(({ event }) => event.type !== 'TypingStarted' && event.type !== 'TypingStopped');
}

/** The text on one line of its own: what could begin another line, or move a terminal's cursor, is replaced. */
function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]+/g, ' ');
}

/** Line ends of any kind as `\n`; control characters and half characters as U+FFFD. */
function printable(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
      // oxlint-disable-next-line no-control-regex -- these are what must not get through
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g, '\uFFFD')
  );
}

const audience: Record<Visibility, string> = {
  All: '',
  Agents: ' (to agents)',
  Supervisors: ' (to supervisors)',
};

function saidIn(event: LoggedEvent): string | null {
  switch (event.type) {
    case 'TextSent':
      return event.text;
    case 'UrlSent':
      return event.url;
    case 'CustomNoticeSent':
      return event.noticeText;
    case 'FileUploaded':
      return `sent the file ${event.name} (${event.size} bytes, ${event.mediaType})`;
    case 'FileDeleted':
      return `deleted the file ${event.fileId}`;
    default:
      return null;
  }
}

/** One entry a line; further lines of the same entry are indented, so that no text can pass for an entry. */
export function transcriptText(chat: Chat, entries: readonly LogEntry[], wire: WireFormat): string {
  const { subject } = chat.customer;
  const head = `Chat ${chat.id}${subject === undefined ? '' : `: ${oneLine(subject)}`}`;
  const lines = transcriptEntries(entries).map(({ atMs, event, from, visibility }) => {
    const said = saidIn(event);
    const who = `[${wire.timestamp(atMs)}] ${oneLine(from.nickname)}${audience[visibility]}`;
    if (said === null) return `${who} ${event.type === 'ParticipantJoined' ? 'joined' : 'left'}`;
    return `${who}: ${printable(said).replaceAll('\n', '\n    ')}`;
  });
  return `${[head, '', ...lines].join('\n')}\n`;
}

const xmlVisibility: Record<Visibility, string> = { All: 'ALL', Agents: 'INT', Supervisors: 'VIP' };
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text in an element or an attribute; characters that XML 1.0 cannot hold (§2.2) become U+FFFD. */
function xml(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- XML has no way to write these
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\uFFFD')
      .replaceAll(/[&<>"'\t\n\r]/g, (character) => entities[character] ?? character)
  );
}

function element(name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml(value)}"`);
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;
}

function userDataXml(userData: UserData): string {
  const items = Object.entries(userData).map(([key, value]) =>
    element('item', { key }, xml(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))),
  );
  return items.length === 0 ? '' : element('userData', {}, items.join(''));
}

function userInfoXml(from: Participant, employeeIdOf: (agentId: AgentId) => string): string {
  const agentType = from.visibility === 'Supervisors' ? 'SUPERVISOR' : 'AGENT';
  return element('userInfo', {
    personId: from.agentId === undefined ? '' : employeeIdOf(from.agentId),
    userNick: from.nickname,
    userType: from.agentId === undefined ? 'CLIENT' : agentType,
    protocolType: from.agentId === undefined ? 'FLEX' : 'BASIC',
    timeZoneOffset: '0',
  });
}

export interface XmlContext {
  readonly employeeIdOf: (agentId: AgentId) => string;
}

/** The transcript as the Chat Server stores it (gms-customer-api §12); `timeShift` in seconds since `startAt`. */
export function transcriptXml(
  chat: Chat,
  entries: readonly LogEntry[],
  { employeeIdOf }: XmlContext,
): string {
  const startAt = new Date(chat.requestedAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const body = transcriptEntries(entries).map(({ index, atMs, event, from, visibility }) => {
    const common = {
      userId: from.participantId,
      timeShift: String(Math.max(0, Math.floor((atMs - chat.requestedAtMs) / 1000))),
      visibility: xmlVisibility[visibility],
      eventId: String(index),
    };
    switch (event.type) {
      case 'ParticipantJoined': {
        const userData = from.type === 'Customer' ? userDataXml(chat.userData) : '';
        return element('newParty', common, userInfoXml(from, employeeIdOf) + userData);
      }
      case 'ParticipantLeft':
        return element(
          'partyLeft',
          { ...common, askerId: from.participantId },
          element('reason', {}, event.reason),
        );
      case 'TextSent':
        return element(
          'message',
          common,
          element('msgText', { msgType: event.messageType ?? 'text' }, xml(event.text)),
        );
      case 'UrlSent':
        return element('notice', common, element('noticeText', { noticeType: 'PUSH_URL' }, xml(event.url)));
      case 'CustomNoticeSent':
        return element(
          'notice',
          common,
          element('noticeText', { noticeType: 'USER_CUSTOM' }, xml(event.noticeText)),
        );
      case 'FileUploaded':
        return element(
          'notice',
          common,
          element('noticeText', { noticeType: 'FILE_UPLOADED' }, xml(event.fileId)) +
            userDataXml(fileData(event)),
        );
      case 'FileDeleted':
        return element(
          'notice',
          common,
          element('noticeText', { noticeType: 'FILE_DELETED' }, xml(event.fileId)),
        );
      default:
        return '';
    }
  });
  const transcript = element('chatTranscript', { startAt, sessionId: chat.id }, body.join('\n '));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${transcript}\n`;
}
