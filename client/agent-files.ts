import type { SentFile } from '@parley/contract/gws/chat.ts';
import type { FileReply, FilesReply } from '@parley/contract/gws/replies.ts';
import type { LoginSession } from './login-session.ts';
import type { CallOptions } from './retry.ts';

/** Files of chats, as an agent. Every request that the server refuses rejects with `ParleyError`. */
export class AgentFiles {
  readonly #session: LoginSession;

  constructor(session: LoginSession) {
    this.#session = session;
  }

  /** The files of a chat of the agent. */
  async list(chatId: string): Promise<readonly SentFile[]> {
    return (await this.#session.request<FilesReply>('GET', mine(chatId))).files;
  }

  /** The files of a chat of the history. */
  async listOfHistory(chatId: string): Promise<readonly SentFile[]> {
    return (await this.#session.request<FilesReply>('GET', ofHistory(chatId))).files;
  }

  /** Sends a file to everybody in the chat, under an idempotency key; `name` says its type by its extension. */
  async upload(
    chatId: string,
    file: Blob,
    options: CallOptions & { readonly name: string; readonly description?: string },
  ): Promise<SentFile> {
    const { name, description, ...call } = options;
    const form = new FormData();
    if (description !== undefined) form.append('description', description);
    form.append('file', file, name);
    return (await this.#session.request<FileReply>('POST', mine(chatId), { ...call, form })).file;
  }

  /** The bytes of a file of a chat of the agent. */
  download(chatId: string, fileId: string): Promise<Blob> {
    return this.#session.download(`${mine(chatId)}/${encodeURIComponent(fileId)}`);
  }

  /** The bytes of a file of the history. */
  downloadOfHistory(chatId: string, fileId: string): Promise<Blob> {
    return this.#session.download(`${ofHistory(chatId)}/${encodeURIComponent(fileId)}`);
  }

  async delete(chatId: string, fileId: string): Promise<void> {
    const path = `/api/v2/me/chats/${encodeURIComponent(chatId)}`;
    await this.#session.request('POST', path, { body: { operationName: 'DeleteFile', fileId } });
  }
}

const mine = (chatId: string): string => `/api/v2/me/chats/${encodeURIComponent(chatId)}/files`;
const ofHistory = (chatId: string): string => `/api/v2/chats/${encodeURIComponent(chatId)}/files`;
