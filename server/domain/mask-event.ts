import type { Chat } from './chat.ts';
import type { ChatEvent, CustomerDetails, UserData } from './chat-event.ts';
import type { NewFile } from './chat-file.ts';

/** How the words of one author are masked; each returns the same string when nothing is to be masked. */
export interface Masks {
  readonly text: (text: string) => string;
  readonly url: (url: string) => string;
  /** What somebody has typed and not sent; empty: it is left out. */
  readonly preview: (text: string) => string;
  readonly subject: (text: string) => string;
}

/** Deeper values of user data are masked as the JSON that they are. */
const deepest = 16;

function maskedValue(value: unknown, masks: Masks, depth = 0): unknown {
  if (typeof value === 'string') return masks.text(value);
  if (typeof value === 'number') {
    const text = String(value);
    const masked = masks.text(text);
    return masked === text ? value : masked;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) {
    const json = JSON.stringify(value);
    const masked = masks.text(json);
    return masked === json ? value : masked;
  }
  if (Array.isArray(value)) return value.map((one) => maskedValue(one, masks, depth + 1));
  const entries = Object.entries(value).map(
    ([key, one]) => [masks.text(key), maskedValue(one, masks, depth + 1)] as const,
  );
  return Object.fromEntries(entries);
}

/** Keys are masked too: what is written under a number would keep it. */
function maskedData(userData: UserData, masks: Masks): UserData {
  const entries = Object.entries(userData).map(([key, value]) => {
    const mask = key === 'Subject' ? { ...masks, text: masks.subject } : masks;
    // The centre's own id of the contact is not anybody's words.
    return [masks.text(key), key === 'ContactId' ? value : maskedValue(value, mask)] as const;
  });
  return Object.fromEntries(entries);
}

function maskedCustomer(customer: CustomerDetails, masks: Masks): CustomerDetails {
  const entries = Object.entries(customer) as [keyof CustomerDetails, string][];
  const masked = entries.map(([key, value]) => [
    key,
    key === 'subject' ? masks.subject(value) : masks.text(value),
  ]);
  return { ...customer, ...(Object.fromEntries(masked) as Partial<CustomerDetails>) };
}

/** Its extension is among the words too: what the file is was told by its name before. */
function maskedFile<File extends Pick<NewFile, 'name' | 'description'>>(file: File, { text }: Masks): File {
  const { description } = file;
  const masked = { ...file, name: text(file.name) };
  return description === undefined ? masked : { ...masked, description: text(description) };
}

/**
 * The event with all words in it masked: the one list of what in a chat are words. An event of a new type does not
 * compile until it is said here which of its fields are.
 */
export function maskEvent(event: ChatEvent, masks: Masks): ChatEvent {
  const { text } = masks;
  switch (event.type) {
    case 'ChatRequested': {
      const { customer, userData } = event;
      return { ...event, customer: maskedCustomer(customer, masks), userData: maskedData(userData, masks) };
    }
    case 'ParticipantJoined': {
      const { participant } = event;
      return { ...event, participant: { ...participant, nickname: text(participant.nickname) } };
    }
    case 'TextSent': {
      const { messageType } = event;
      const masked = { ...event, text: text(event.text) };
      return messageType === undefined ? masked : { ...masked, messageType: text(messageType) };
    }
    case 'TypingStarted':
    case 'TypingStopped': {
      if (event.text === undefined) return event;
      const { text: typed, ...rest } = event;
      const preview = masks.preview(typed);
      return preview === '' ? rest : { ...rest, text: preview };
    }
    case 'UrlSent':
      return { ...event, url: masks.url(event.url) };
    case 'CustomNoticeSent':
      return { ...event, noticeText: text(event.noticeText) };
    case 'NicknameUpdated':
      return { ...event, nickname: text(event.nickname) };
    case 'FileUploaded':
      return maskedFile(event, masks);
    case 'UserDataChanged':
      return { ...event, set: maskedData(event.set, masks), removed: event.removed.map(text) };
    case 'DispositionSet':
      return { ...event, key: text(event.key), disposition: text(event.disposition) };
    case 'ChatQueued':
    case 'ChatOffered':
    case 'OfferAccepted':
    case 'SupervisorAdded':
    case 'RoleChanged':
    case 'AgentReleased':
    case 'OfferRejected':
    case 'OfferRevoked':
    case 'ParticipantLeft':
    case 'ReadConfirmed':
    case 'FileDeleted':
    case 'FileDownloaded':
    case 'LastAgentSaved':
    case 'AgentCompleted':
    case 'AlarmRaised':
    case 'IdleAlerted':
    case 'SessionEnded':
      return event;
  }
}

/** The words in the state of a chat, for those who are told of it outside. */
export function maskChat(chat: Chat, masksOf: (speaker: Speaker) => Masks): Chat {
  const { customer, userData, parties, files } = chat;
  const customers = customersOf(chat);
  const [ofCustomer, ofAgent] = [masksOf('customer'), masksOf('agent')];
  return {
    ...chat,
    customer: maskedCustomer(customer, ofCustomer),
    // Whose words a value was is not kept: what either may not say is masked.
    userData: maskedData(maskedData(userData, ofCustomer), ofAgent),
    parties: parties.map((party) => {
      const { text } = party.type === 'Customer' ? ofCustomer : ofAgent;
      return { ...party, nickname: text(party.nickname) };
    }),
    files: files.map((file) => maskedFile(file, customers.has(file.participantId) ? ofCustomer : ofAgent)),
  };
}

/** The seats of the customer in a chat. */
export function customersOf(chat: Chat | null): Set<string> {
  const parties = chat?.parties ?? [];
  return new Set(parties.flatMap(({ type, participantId }) => (type === 'Customer' ? [participantId] : [])));
}

/** Which events' words are whose: what neither the customer nor an agent says is the contact centre's own. */
export type Speaker = 'customer' | 'agent';

/**
 * Who speaks in the event. `customers` are the seats of the chat's customer, those of the events before among them.
 */
export function speakerOf(event: ChatEvent, customers: ReadonlySet<string>): Speaker {
  switch (event.type) {
    case 'ChatRequested':
      return 'customer';
    case 'ParticipantJoined':
      return event.participant.type === 'Customer' ? 'customer' : 'agent';
    case 'UserDataChanged':
      return event.agentId === undefined ? 'customer' : 'agent';
    default:
      return 'participantId' in event && customers.has(event.participantId) ? 'customer' : 'agent';
  }
}
