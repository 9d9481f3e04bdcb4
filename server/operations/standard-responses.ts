import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { StandardResponseConfig } from '../config/config.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatTarget } from './agent-chat.ts';
import { appendTo } from './keyed-request.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';
import { readAgentChat } from './read-chat.ts';

/** `<$ Customer.FirstName $>`: the code's name without the marks (gws-agent-api §8.2). */
const fieldCode = /<\$\s*([A-Za-z][\w.]*(?:\("[^"<>]*"\))?)\s*\$>/g;

/** The names of the field codes in a text, each once. */
export function fieldCodesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(fieldCode), ([, name]) => name ?? ''));
}

/** The values of the field codes for one chat and the agent who writes in it. Empty ones count as unknown. */
export function fieldValues(chat: Chat, agent: ConfiguredAgent): (name: string) => string | undefined {
  const { customer, userData } = chat;
  const { firstName, lastName, emailAddress, phoneNumber, nickname, subject } = customer;
  const full = (first: string | undefined, last: string | undefined): string =>
    [first, last].filter((part) => part).join(' ');
  const known: Readonly<Record<string, string | undefined>> = {
    'Customer.FirstName': firstName,
    'Customer.LastName': lastName,
    'Customer.FullName': full(firstName, lastName),
    'Customer.EmailAddress': emailAddress,
    'Customer.PhoneNumber': phoneNumber,
    'Customer.Nickname': nickname,
    'Agent.FirstName': agent.firstName,
    'Agent.LastName': agent.lastName,
    'Agent.FullName': full(agent.firstName, agent.lastName),
    'Agent.UserName': agent.userName,
    'Agent.Nickname': agent.nickname,
    'Agent.EmailAddress': agent.emailAddress,
    'Interaction.Id': chat.id,
    'Interaction.Subject': subject,
  };
  return (name) => {
    const attached = /^Interaction\.AttachedData\("(.*)"\)$/.exec(name)?.[1];
    if (attached === undefined) return Object.hasOwn(known, name) ? known[name] || undefined : undefined;
    const value = Object.hasOwn(userData, attached) ? userData[attached] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
}

/** A text with its field codes filled in; a code without a value stays as it is and is named in `unresolved`. */
export interface RenderedText {
  readonly text: string;
  readonly unresolved: readonly string[];
}

/** Fills in the field codes. What is filled in is not read again: a customer cannot smuggle a code in by their name. */
export function renderText(text: string, value: (name: string) => string | undefined): RenderedText {
  const unresolved = new Set<string>();
  const rendered = text.replace(fieldCode, (code, name: string) => {
    const found = value(name);
    if (found === undefined) unresolved.add(name);
    return found ?? code;
  });
  return { text: rendered, unresolved: [...unresolved] };
}

/** NotFound for a response that is unknown or not approved. */
export function approvedResponse(operations: Operations, id: string): StandardResponseConfig | Refusal {
  const response = operations.setUp.entries('standard-response').get(id);
  return response?.approved ? response : refuse('NotFound', 'There is no such standard response.');
}

/** The standard response for one of the agent's chats. NotFound for an unknown response or chat. */
export async function renderResponse(
  operations: Operations,
  id: string,
  { agent, chatId }: { readonly agent: ConfiguredAgent; readonly chatId: ChatTarget['chatId'] },
): Promise<(RenderedText & { readonly subject: string }) | Refusal> {
  const response = approvedResponse(operations, id);
  if (isRefusal(response)) return response;
  const found = await readAgentChat(operations, { agentId: agent.agentId, chatId });
  if (isRefusal(found)) return found;
  const value = fieldValues(found.chat, agent);
  const body = renderText(response.body, value);
  const subject = renderText(response.subject, value);
  return {
    subject: subject.text,
    text: body.text,
    unresolved: [...new Set([...subject.unresolved, ...body.unresolved])],
  };
}

export interface ResponseUse {
  readonly responseId: string;
  readonly responseType: string;
  readonly interactionId: string;
}

/** Records that a standard response was used. Resolves with the `referenceId` when it is durable. */
export async function reportResponseUse(
  operations: Operations,
  agent: ConfiguredAgent,
  use: ResponseUse,
): Promise<number | Refusal> {
  if (!operations.setUp.entries('standard-response').has(use.responseId))
    return refuse('NotFound', 'There is no such standard response.');
  const row = { ...use, agentId: agent.agentId, atMs: operations.clock.now() };
  await new Promise<void>((resolve) =>
    appendTo(operations.journal, { events: [], writes: [{ table: 'response_usage', row }] }, resolve),
  );
  return operations.nextReferenceId();
}
