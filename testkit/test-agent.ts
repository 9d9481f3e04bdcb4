import { AgentClient, type AgentClientOptions } from '@parley/client/agent-client.ts';
import type { Chat } from '@parley/contract/gws/chat.ts';
import type { ChatStateChangeMessage, MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { Recorder } from './recorder.ts';

/** Where to look for the next one, and how long to wait for it in real time. */
export interface WaitOptions {
  readonly withinMs?: number;
  /** A `recorder.position`: what came before it does not count. */
  readonly after?: number;
}

/** An agent of the SDK whose every reply and notification is on record, with the waits that scenarios need. */
export class TestAgent extends AgentClient {
  readonly recorder: Recorder;

  constructor(options: AgentClientOptions & { readonly recorder?: Recorder }) {
    const { recorder = new Recorder(options.userName), ...rest } = options;
    super({ ...rest, fetch: recorder.fetch });
    this.recorder = recorder;
    this.on('notification', (delivery) => recorder.notified(delivery));
  }

  /** Signs in, listens, starts the session and goes into the state, by default `Ready`. */
  async goToWork(state: 'Ready' | 'NotReady' | (string & {}) = 'Ready'): Promise<void> {
    await this.signIn();
    await this.openNotifications();
    await this.startSession(['chat']);
    await this.setState(state);
  }

  /** The chat that is offered: the first `Invited`. */
  async offered(options: WaitOptions = {}): Promise<Chat> {
    return (await this.stateOf('Invited', options)).chat;
  }

  /** The first StatusChange to this state. */
  stateOf(state: Chat['state'], options: WaitOptions = {}): Promise<ChatStateChangeMessage> {
    return this.recorder.notification({ notificationType: 'StatusChange', state }, options);
  }

  /** The first MessageLogUpdated. */
  logged(options: WaitOptions = {}): Promise<MessageLogUpdated> {
    return this.recorder.notification({ messageType: 'MessageLogUpdated' }, options);
  }
}
