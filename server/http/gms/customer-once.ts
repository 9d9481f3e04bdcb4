import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { deriveSecureKey } from '../../operations/keyed-request.ts';
import type { Operations } from '../../operations/operations.ts';
import { readChatAt } from '../../operations/read-chat.ts';
import type { KeyedAnswer, RequestOutcome } from '../../operations/request-keys.ts';
import { customerReply } from '../../views/customer-view.ts';
import { customerKeyOf } from './customer-handlers.ts';
import type { CustomerPlace } from './customer-paths.ts';

/** A request of a customer that carries an idempotency key. */
export interface CustomerCallWithKey {
  readonly key: string;
  readonly place: CustomerPlace;
  readonly form: { readonly secureKey?: string; readonly transcriptPosition?: number | undefined };
  /** The body as it came. */
  readonly body: string;
  readonly carryOut: () => Promise<CustomerReply | Refusal>;
}

export type CustomerOnce = (call: CustomerCallWithKey) => Promise<KeyedAnswer<CustomerReply>>;

/**
 * Carries out each request of a customer once for each idempotency key. Who the customer is says the secure key, so with
 * a wrong one nobody learns which keys there are; whoever opens a chat is known by the idempotency key alone, which is
 * long for that reason (docs/adr/0010).
 */
export function customerOnce(operations: Operations): CustomerOnce {
  return ({ key, place, form, body, carryOut }) =>
    operations.requestKeys.ask<CustomerReply>({
      key,
      scope: ['customer', place.key, ...whoAsks(place, form)],
      content: `POST ${place.service} ${place.chatId} ${place.fileId}\n${body}`,
      carryOut,
      answerAgain: (outcome) => answerAgain(operations, { key, place, form }, outcome),
    });
}

function whoAsks(place: CustomerPlace, { secureKey }: CustomerCallWithKey['form']): readonly string[] {
  if (secureKey === undefined) return [place.service];
  return [place.service, place.chatId, customerKeyOf({ secureKey }, place).secureKey];
}

/** The answer as of the last event that the request has caused, whatever has happened since. */
async function answerAgain(
  operations: Operations,
  { key, place, form }: Pick<CustomerCallWithKey, 'key' | 'place' | 'form'>,
  { chat, salt, answer }: RequestOutcome,
): Promise<CustomerReply | Refusal> {
  // What a route has stored is an answer of that route.
  if (answer !== undefined) return answer as CustomerReply;
  const view = chat && (await readChatAt(operations, chat.id, chat.toSeq));
  if (!view) return refuse('NotFound', 'The chat of this request is gone.');
  if (salt !== undefined) return customerReply(view, deriveSecureKey(key, salt), 1);
  const { secureKey = '', transcriptPosition } = form;
  return customerReply(view, secureKey, place.key === 'customerReadReceipt' ? undefined : transcriptPosition);
}
