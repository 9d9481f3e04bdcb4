import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { RandomBytes } from '../domain/ids.ts';
import type { Journal } from '../journal/journal.ts';
import type { ExtraWrites } from '../operations/chat-book.ts';
import { version } from '../version.ts';
import { Outbox } from './outbox.ts';
import type { Receiver } from './receiver.ts';
import { Webhook } from './webhook.ts';

export interface CreateOutboxOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly journal: Journal;
  /** Besides the webhooks. */
  readonly others: readonly Receiver[];
  readonly onError: (error: unknown) => void;
}

/** The outbox with the receivers of the configuration, and its part in the transactions of chats. */
export function createOutbox(options: CreateOutboxOptions): {
  readonly outbox: Outbox;
  /** Empty when nobody outside is told anything: then a commit has nothing to do with the outbox. */
  readonly extraWrites: readonly ExtraWrites[];
} {
  const { config, clock, random, journal, others, onError } = options;
  const webhooks = config.webhooks.map((hook) => new Webhook(hook, { clock, version }));
  const receivers: readonly Receiver[] = [...webhooks, ...others];
  const outbox = new Outbox({
    limits: config.outbox,
    receivers,
    journal,
    clock,
    random: () => Buffer.from(random(4)).readUInt32BE() / 2 ** 32,
    onError,
  });
  return { outbox, extraWrites: receivers.length > 0 ? [outbox] : [] };
}
