import type { ServiceConfig } from '../config/config.ts';
import { deleteContact } from './contacts.ts';
import { forgetChats } from './forget-chats.ts';
import type { Operations } from './operations.ts';

const dayMs = 86_400_000;

/**
 * Forgets what has been kept long enough, by the rules of the services (`retention`) and of contacts
 * (`retention.contactDays`). A round takes a few chats at a time, with a pause between, until nothing is due; whatever it
 * was interrupted in, the next round goes on with. What is due is read from the store, so a restart changes nothing.
 */
export class Retention {
  readonly #operations: Operations;
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  /** Begins a round after the first pause, and again `retention.everyMs` after each. Without rules it does nothing. */
  start(): void {
    const { config } = this.#operations;
    const hasRules =
      config.retention.contactDays !== null || config.services.some(({ retention }) => retention);
    if (hasRules) this.#next(config.retention.pauseMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #next(afterMs: number): void {
    const { clock, config, onError } = this.#operations;
    if (this.#isStopped) return;
    this.#cancel = clock.setTimer(clock.now() + afterMs, () => {
      this.#round()
        .catch((error: unknown) => {
          // A store that is closed or has failed says so itself.
          if (!this.#isStopped) onError(error);
        })
        .finally(() => this.#next(config.retention.everyMs));
    });
  }

  async #round(): Promise<void> {
    for (const service of this.#operations.config.services) await this.#forgetChatsOf(service);
    const { contactDays } = this.#operations.config.retention;
    if (contactDays !== null) await this.#forgetContacts(contactDays);
  }

  async #forgetChatsOf({ name: service, retention }: ServiceConfig): Promise<void> {
    if (!retention) return;
    const { journal, config, clock } = this.#operations;
    const endedBeforeMs = clock.now() - retention.days * dayMs;
    for (;;) {
      const due = await journal.expiredChats({ service, endedBeforeMs, limit: config.retention.chatsAtOnce });
      if (due.length === 0 || this.#isStopped) return;
      await forgetChats(this.#operations, due, retention.afterwards);
      await this.#pause();
    }
  }

  /** A profile that is in use again by now is left alone. */
  async #forgetContacts(days: number): Promise<void> {
    const { journal, clock } = this.#operations;
    const createdBeforeMs = clock.now() - days * dayMs;
    for (let after: number | null = 0; after !== null && !this.#isStopped;) {
      const { contactIds, next } = await journal.unusedContacts({ createdBeforeMs, after });
      for (const contactId of contactIds) await deleteContact(this.#operations, contactId);
      after = next;
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    const { clock, config } = this.#operations;
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.setTimer(clock.now() + config.retention.pauseMs, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }
}
