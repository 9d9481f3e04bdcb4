import type { CustomerForm, CustomerFormName } from '@parley/contract/gms/requests.ts';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { CustomerDetails, UserData } from '../domain/chat-event.ts';
import type { CustomerCommand } from '../domain/commands.ts';
import type { ChatId } from '../domain/ids.ts';
import { lifetimeKeys } from '../domain/lifetime.ts';
import { lastAgentKeys } from './last-agent.ts';
import type { Operations } from './operations.ts';
import { dispositionKeyOf } from './queues.ts';
import type { ChatRequest } from './request-chat.ts';
import { checkUserData } from './user-data.ts';

/** The forms of those who are in their chat and do something there; the others open it, read it or carry files. */
export type CommandFormName = Exclude<CustomerFormName, 'requestChat' | 'refresh' | `file${string}`>;

/** Who the customer says they are; without a nickname they are called by both names (gms-customer-api §2, row 1). */
function detailsOf(form: CustomerForm<'requestChat'>): CustomerDetails {
  const { nickname, firstName, lastName, emailAddress, subject } = form;
  const called = nickname?.trim() ? nickname : `${firstName ?? ''} ${lastName ?? ''}`.trim();
  return {
    nickname: called,
    ...(firstName ? { firstName } : {}),
    ...(lastName ? { lastName } : {}),
    ...(emailAddress ? { emailAddress } : {}),
    ...(subject ? { subject } : {}),
  };
}

/** What opens a chat, over whichever transport it was asked for. Refused beyond the limits. */
export function chatRequestOf(
  { config }: Operations,
  service: string,
  form: CustomerForm<'requestChat'>,
): ChatRequest | Refusal {
  const { userData = {}, text, identityToken } = form;
  const refused = checkUserData(config.limits, {}, userData);
  if (refused) return refused;
  const { limits } = config;
  if (text !== undefined && text.length > limits.messageLength) return refuse('MessageTooLong');
  const customer = detailsOf(form);
  if (Object.values(customer).some((value) => value.length > limits.nameLength))
    return refuse('InvalidParameter', `A name may have ${limits.nameLength} characters.`);
  return { service, customer, userData, ...(text ? { text } : {}), identityToken };
}

/** Keys that the contact centre itself writes, or an agent: what a customer sends under them is left out. */
function withoutReserved(operations: Operations, userData: UserData): UserData {
  const reserved = new Set<string>([
    'ContactId',
    dispositionKeyOf(operations),
    ...lastAgentKeys,
    ...lifetimeKeys,
  ]);
  return Object.fromEntries(Object.entries(userData).filter(([key]) => !reserved.has(key)));
}

type Reader<Name extends CommandFormName> = (
  form: CustomerForm<Name>,
  operations: Operations,
) => CustomerCommand | Refusal;

const typing =
  (started: boolean): Reader<'startTyping'> =>
  ({ message }) => ({ type: 'CustomerTyping', started, ...(message ? { text: message } : {}) });

const readers: { readonly [Name in CommandFormName]: Reader<Name> } = {
  send: ({ message, messageType }) => ({
    type: 'CustomerSend',
    message: { text: message, ...(messageType ? { messageType } : {}) },
  }),
  startTyping: typing(true),
  stopTyping: typing(false),
  disconnect: () => ({ type: 'CustomerLeave' }),
  updateNickname: ({ nickname }) =>
    /\S/.test(nickname)
      ? { type: 'CustomerUpdateNickname', nickname }
      : refuse('MissingParameter', 'The nickname is empty.'),
  pushUrl: ({ pushUrl }) =>
    URL.canParse(pushUrl)
      ? { type: 'CustomerPushUrl', url: pushUrl }
      : refuse('InvalidParameter', 'The parameter "pushUrl" must be an http or https URL.'),
  customNotice: ({ message }) => ({ type: 'CustomerNotice', noticeText: message }),
  updateData: ({ userData }, operations) => ({
    type: 'CustomerUpdateData',
    userData: withoutReserved(operations, userData),
  }),
  readReceipt: ({ transcriptPosition }) => ({
    type: 'CustomerReadReceipt',
    position: transcriptPosition,
  }),
};

/** What the customer asks, as a command; refused what no schema can see. */
export function customerCommandOf<Name extends CommandFormName>(
  operations: Operations,
  name: Name,
  form: CustomerForm<Name>,
): CustomerCommand | Refusal {
  const read: Reader<Name> = readers[name];
  return read(form, operations);
}

/** The words of a command that count against `limits.messageLength`. */
function wordsOf(command: CustomerCommand): string {
  switch (command.type) {
    case 'CustomerSend':
      return command.message.text;
    case 'CustomerTyping':
      return command.text ?? '';
    case 'CustomerNotice':
      return command.noticeText;
    default:
      return '';
  }
}

/** Why a command is beyond the configured limits for this chat; null when it is not. */
export function beyondLimits(
  { config, chats }: Operations,
  chatId: ChatId,
  command: CustomerCommand,
): Refusal | null {
  const { limits } = config;
  if (wordsOf(command).length > limits.messageLength) return refuse('MessageTooLong');
  if (command.type === 'CustomerUpdateNickname' && command.nickname.length > limits.nameLength)
    return refuse('InvalidParameter', `A nickname may have ${limits.nameLength} characters.`);
  if (command.type !== 'CustomerUpdateData') return null;
  return checkUserData(limits, chats.head(chatId)?.userData ?? {}, command.userData);
}
