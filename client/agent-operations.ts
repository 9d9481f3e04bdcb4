import type { MediaChannel } from '@parley/contract/gws/agent-state.ts';
import type { Chat, ChatMessage } from '@parley/contract/gws/chat.ts';
import type { ChatReply, MeOperationReply, MessagesReply, UserReply } from '@parley/contract/gws/replies.ts';
import type { FullUser } from '@parley/contract/gws/user.ts';
import type { LoginSession } from './login-session.ts';
import type { CallOptions } from './retry.ts';

/** How a supervisor takes part: seen by supervisors only, by agents, by everybody (gws-agent-api §9). */
export type SupervisorRole = 'Monitor' | 'Coach' | 'BargeIn';

/** A message that goes along with an operation (gws-agent-api §4); the last two mean nothing without `text`. */
export interface Farewell {
  readonly text?: string;
  readonly messageType?: string;
  readonly treatAs?: 'Normal' | 'System';
}

/**
 * What an agent can ask for (gws-agent-api §2–§9). A request that the server refuses rejects with `ParleyError`. One that
 * is lost on the way is sent again under the same idempotency key, so it is carried out once however often it is sent.
 */
export class AgentOperations {
  protected readonly session: LoginSession;
  readonly #call: CallOptions;

  constructor(session: LoginSession, call: CallOptions = {}) {
    this.session = session;
    this.#call = call;
  }

  /** The same operations with these options: a signal, a deadline, an idempotency key that the application keeps. */
  with(call: CallOptions): AgentOperations {
    return new AgentOperations(this.session, { ...this.#call, ...call });
  }

  /** The agent with everything that belongs to them; also keeps the login session alive. */
  async me(): Promise<FullUser> {
    return (await this.request<UserReply>('GET', '/api/v2/me?subresources=*')).user as FullUser;
  }

  /** Starts work. A reply with `statusCode` 7 tells in `failed` which channels are not served. */
  startSession(channels: readonly string[] = ['chat']): Promise<MeOperationReply> {
    return this.operate('/api/v2/me', 'StartContactCenterSession', { channels });
  }

  /** `Ready`, `NotReady` or a custom reason's operation name; on all channels, or on the one that is named. */
  async setState(operationName: string, channel?: string): Promise<void> {
    await this.operate(
      channel === undefined ? '/api/v2/me' : `/api/v2/me/channels/${segment(channel)}`,
      operationName,
    );
  }

  async channels(): Promise<readonly MediaChannel[]> {
    return (await this.request<{ channels: MediaChannel[] }>('GET', '/api/v2/me/channels?fields=*')).channels;
  }

  /** The chats that are now with this agent. */
  async chats(): Promise<readonly Chat[]> {
    return (await this.request<{ chats: Chat[] }>('GET', '/api/v2/me/chats?fields=*')).chats;
  }

  async chat(id: string): Promise<Chat> {
    return (await this.request<ChatReply>('GET', chatPath(id))).chat;
  }

  /** The visible message log, from `startIndex` on and at most `count` entries; without them from the beginning. */
  async messages(
    id: string,
    page: { readonly startIndex?: number; readonly count?: number } = {},
  ): Promise<readonly ChatMessage[]> {
    const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)]));
    const path = `${chatPath(id)}/messages${query.size > 0 ? `?${query}` : ''}`;
    return (await this.request<MessagesReply>('GET', path)).messages;
  }

  /** Accepts the offered chat; `nickname` is what the customer sees, `saveLAR` makes this agent their last agent. */
  async accept(
    id: string,
    options: { readonly nickname: string; readonly saveLAR?: boolean },
  ): Promise<void> {
    await this.operate(chatPath(id), 'Accept', options);
  }

  async reject(id: string): Promise<void> {
    await this.operate(chatPath(id), 'Reject');
  }

  async sendMessage(id: string, text: string, options: Omit<Farewell, 'text'> = {}): Promise<void> {
    await this.operate(chatPath(id), 'SendMessage', { text, ...options });
  }

  async startTyping(id: string): Promise<void> {
    await this.operate(chatPath(id), 'SendStartTypingNotification');
  }

  async stopTyping(id: string): Promise<void> {
    await this.operate(chatPath(id), 'SendStopTypingNotification');
  }

  async setInFocus(id: string): Promise<void> {
    await this.operate(chatPath(id), 'SetInFocus');
  }

  async leave(id: string, farewell: Farewell = {}): Promise<void> {
    await this.operate(chatPath(id), 'Leave', farewell);
  }

  async complete(
    id: string,
    options: Farewell & { readonly saveLAR?: boolean; readonly queueName?: string } = {},
  ): Promise<void> {
    await this.operate(chatPath(id), 'Complete', options);
  }

  /** Hands the chat to an agent (the `uri` of a user) or to a queue. */
  async transfer(
    id: string,
    target: Farewell & ({ readonly targetUri: string } | { readonly queueName: string }),
  ): Promise<void> {
    await this.operate(chatPath(id), 'Transfer', target);
  }

  async leaveAndComplete(id: string, options: Farewell & { readonly saveLAR?: boolean } = {}): Promise<void> {
    await this.operate(chatPath(id), 'LeaveAndComplete', options);
  }

  /** Pushes a page to everybody in the chat. */
  async sendUrl(id: string, url: string): Promise<void> {
    await this.operate(chatPath(id), 'SendUrl', { url });
  }

  /** What only agents and supervisors see; as `sendMessage` in all else. */
  async sendToAgents(id: string, text: string, options: Omit<Farewell, 'text'> = {}): Promise<void> {
    await this.operate(chatPath(id), 'SendToAgents', { text, ...options });
  }

  async startTypingToAgents(id: string): Promise<void> {
    await this.operate(chatPath(id), 'SendStartTypingToAgentsNotification');
  }

  async stopTypingToAgents(id: string): Promise<void> {
    await this.operate(chatPath(id), 'SendStopTypingToAgentsNotification');
  }

  /** A notice for programs: to everybody, or to agents only. */
  async sendCustomNotice(id: string, noticeText: string, to: 'All' | 'Agents' = 'All'): Promise<void> {
    const name = to === 'All' ? 'SendCustomNotice' : 'SendCustomNoticeToAgents';
    await this.operate(chatPath(id), name, { noticeText });
  }

  /** Asks for advice that the customer does not see; what becomes of it is notified with the `referenceId`. */
  async consult(
    id: string,
    target: { readonly targetUri: string } | { readonly queueName: string },
  ): Promise<number> {
    return this.#ask(id, 'Consult', target);
  }

  async cancelConsult(id: string): Promise<number> {
    return this.#ask(id, 'CancelConsult');
  }

  /** Asks an agent to talk with the customer as well. */
  async invite(id: string, targetUri: string): Promise<number> {
    return this.#ask(id, 'Invite', { targetUri });
  }

  async removeFromConference(id: string, targetUri: string, farewell: Farewell = {}): Promise<void> {
    await this.operate(chatPath(id), 'RemoveParticipantFromConference', { targetUri, ...farewell });
  }

  async attachUserData(id: string, userData: Readonly<Record<string, unknown>>): Promise<void> {
    await this.operate(chatPath(id), 'AttachUserData', { userData });
  }

  async updateUserData(id: string, userData: Readonly<Record<string, unknown>>): Promise<void> {
    await this.operate(chatPath(id), 'UpdateUserData', { userData });
  }

  async deleteUserData(id: string, keys: readonly string[]): Promise<void> {
    await this.operate(chatPath(id), 'DeleteUserData', { keys });
  }

  async setDisposition(id: string, disposition: string, dispositionKey?: string): Promise<void> {
    const key = dispositionKey === undefined ? {} : { dispositionKey };
    await this.operate(chatPath(id), 'SetDisposition', { disposition, ...key });
  }

  /** As a supervisor in the chat: who sees this agent from now on. */
  async switchTo(id: string, role: SupervisorRole): Promise<void> {
    await this.operate(chatPath(id), `SwitchTo${role}`);
  }

  /** As a supervisor: comes along when the user accepts their next chat, or each of them (the default). */
  async monitor(
    userId: string,
    role: SupervisorRole,
    options: { readonly supervisorMonitoringMode?: 'NextChat' | 'AllChats'; readonly nickname?: string } = {},
  ): Promise<void> {
    await this.operate(userChannelPath(userId), role, options);
  }

  async cancelMonitoring(userId: string): Promise<void> {
    await this.operate(userChannelPath(userId), 'CancelSupervisorMonitoring');
  }

  /** As a supervisor: asks to be offered a chat that the user is in. */
  async intrude(userId: string, chatId: string, supervisorVisibilityMode: SupervisorRole): Promise<void> {
    const path = `/api/v2/users/${segment(userId)}/chats/${segment(chatId)}`;
    await this.operate(path, 'Intrude', { supervisorVisibilityMode });
  }

  /** As a supervisor: the chats that the user is in. */
  async chatsOf(userId: string): Promise<readonly Chat[]> {
    const path = `/api/v2/users/${segment(userId)}/chats?fields=*`;
    return (await this.request<{ chats: Chat[] }>('GET', path)).chats;
  }

  /** As a supervisor: puts the user into an agent state on the chat channel. */
  async setStateOf(userId: string, operationName: string): Promise<void> {
    await this.operate(userChannelPath(userId), operationName);
  }

  async #ask(id: string, operationName: string, parameters: object = {}): Promise<number> {
    const { referenceId } = await this.operate<{ referenceId: number }>(
      chatPath(id),
      operationName,
      parameters,
    );
    return referenceId;
  }

  protected operate<Body>(
    path: string,
    operationName: string,
    parameters: object = {},
  ): Promise<Body & { statusCode: number }> {
    return this.request<Body>('POST', path, { body: { operationName, ...parameters } });
  }

  protected request<Body>(
    method: 'GET' | 'POST',
    path: string,
    options: { readonly body?: object } = {},
  ): Promise<Body & { statusCode: number }> {
    return this.session.request<Body>(method, path, { ...this.#call, ...options });
  }
}

const segment = encodeURIComponent;
const userChannelPath = (userId: string): string => `/api/v2/users/${segment(userId)}/channels/chat`;
const chatPath = (id: string): string => `/api/v2/me/chats/${segment(id)}`;
