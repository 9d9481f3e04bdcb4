import type { CustomerEvent, CustomerReply } from '@parley/contract/gms/replies.ts';
import { openSide, type Fields, type Side, type Way } from '../scenarios/customers/sides.ts';

/** A customer who goes on with the same chat, over the same way, whatever becomes of the server between two steps. */
export class StepCustomer {
  readonly way: Way;
  readonly events: CustomerEvent[] = [];
  #baseUrl = '';
  #side: Side | undefined;
  #key: Side['key'] = { chatId: '', secureKey: '' };
  /** How many of the present side's events are in `events`. */
  #taken = 0;

  constructor(way: Way) {
    this.way = way;
  }

  get chatId(): string {
    return this.#key.chatId;
  }

  get ended(): boolean {
    return this.#side?.ended === true;
  }

  async open(baseUrl: string, fields: Fields): Promise<void> {
    this.#baseUrl = baseUrl;
    this.#side = await openSide(this.way, baseUrl);
    const reply = await this.#side.open(fields);
    if (reply.statusCode !== 0) throw new Error(`no chat: ${JSON.stringify(reply)}`);
    this.#key = this.#side.key;
    await this.hear('ParticipantJoined');
  }

  /** The server has been killed and there is another: the same ids, from the first event that was not seen. */
  async goOn(baseUrl: string): Promise<void> {
    const old = this.#side;
    // Nobody answers its good-bye any more.
    void old?.close().catch(() => undefined);
    this.#baseUrl = baseUrl;
    this.#taken = 0;
    this.#side = await openSide(this.way, baseUrl);
    await this.#side.restore(this.#key, (this.events.at(-1)?.index ?? 0) + 1);
  }

  async operate(operation: string, fields: Fields = {}): Promise<void> {
    const reply = await this.#side?.operate(operation, fields);
    if (reply && reply.statusCode !== 0) throw new Error(`${operation}: ${JSON.stringify(reply)}`);
  }

  /** Waits until the last event is of this type. */
  async hear(type: CustomerEvent['type']): Promise<void> {
    const heard = (await this.#side?.until(type)) ?? [];
    this.events.push(...heard.slice(this.#taken));
    this.#taken = heard.length;
  }

  /** Sends a file: by the path of the polling API, or by the side door of CometD (gms-customer-api §6.3). */
  async uploadFile(name: string, content: string): Promise<string> {
    const form = new FormData();
    form.append('secureKey', this.#key.secureKey);
    form.append('file', new Blob([content]), name);
    const path = this.way === 'REST' ? `chat/customer-support/${this.chatId}/file` : 'chat-ntf';
    const { userData } = await this.#post(path, form);
    return userData['file-id'] ?? '';
  }

  async deleteFile(fileId: string): Promise<void> {
    const key = { secureKey: this.#key.secureKey };
    await (this.way === 'REST'
      ? this.#post(`chat/customer-support/${this.chatId}/file/${fileId}/delete`, new URLSearchParams(key))
      : this.#post('chat-ntf', new URLSearchParams({ ...key, operation: 'fileDelete', fileId })));
  }

  /** Everything, as the server has it now. */
  async readAll(): Promise<CustomerReply> {
    const { chatId, secureKey } = this.#key;
    const body = new URLSearchParams({ secureKey, transcriptPosition: '1' });
    return this.#post(`chat/customer-support/${chatId}/refresh`, body);
  }

  close(): Promise<void> {
    return this.#side?.close() ?? Promise.resolve();
  }

  async #post(path: string, body: FormData | URLSearchParams): Promise<CustomerReply> {
    const response = await fetch(`${this.#baseUrl}/genesys/2/${path}`, { method: 'POST', body });
    const reply = (await response.json()) as CustomerReply;
    if (reply.statusCode !== 0) throw new Error(`${path}: ${JSON.stringify(reply)}`);
    return reply;
  }
}
