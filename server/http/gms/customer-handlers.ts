import type { CustomerForm } from '@parley/contract/gms/requests.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../../domain/chat.ts';
import type { CustomerDetails } from '../../domain/chat-event.ts';
import type { CustomerCommand } from '../../domain/commands.ts';
import type { ChatId } from '../../domain/ids.ts';
import { operateCustomerChat, readCustomerChat, type CustomerKey } from '../../operations/customer-chat.ts';
import type { Operations } from '../../operations/operations.ts';
import { readChat } from '../../operations/read-chat.ts';
import { requestChat } from '../../operations/request-chat.ts';
import { customerReply } from '../../views/customer-view.ts';
import type { CustomerHandlers, CustomerPath } from './customer-routes.ts';

interface SessionForm {
  readonly secureKey: string;
  readonly transcriptPosition?: number | undefined;
}

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

function userDataOf(
  operations: Operations,
  form: CustomerForm<'requestChat'>,
): Record<string, string> | Refusal {
  const { userDataKeys, userDataBytes } = operations.config.limits;
  const userData = form.userData ?? {};
  if (Object.keys(userData).length > userDataKeys)
    return refuse('InvalidParameter', `There may be ${userDataKeys} keys of userData.`);
  if (Buffer.byteLength(JSON.stringify(userData)) > userDataBytes)
    return refuse('InvalidParameter', `The userData may have ${userDataBytes} bytes.`);
  return userData;
}

/**
 * Where a waiting customer stands, when their service tells it (ours). All values are texts, as clients need them
 * (gms-customer-api §3, rule 6); `estimatedWaitSeconds` is absent while there is nothing to go by.
 */
function placeOf({ services, line }: Operations, chat: Chat): Record<string, string> {
  const place = services.get(chat.service)?.tellQueuePosition ? line.placeOf(chat) : null;
  if (!place) return {};
  const { position, estimatedWaitMs } = place;
  const estimate =
    estimatedWaitMs === null ? {} : { estimatedWaitSeconds: String(Math.ceil(estimatedWaitMs / 1000)) };
  return { queuePosition: String(position), ...estimate };
}

/** The six operations of a chat's life on the customer API (gms-customer-api §2, rows 1 to 6). */
export function customerHandlers(operations: Operations): CustomerHandlers {
  const act = async (
    command: CustomerCommand,
    form: SessionForm,
    path: CustomerPath,
  ): Promise<CustomerReply | Refusal> => {
    const view = await operateCustomerChat(operations, keyOf(form, path), command);
    return isRefusal(view) ? view : customerReply(view, form.secureKey, form.transcriptPosition);
  };
  const typing =
    (started: boolean) =>
    (form: SessionForm & { readonly message?: string | undefined }, path: CustomerPath) =>
      act({ type: 'CustomerTyping', started, ...(form.message ? { text: form.message } : {}) }, form, path);

  return {
    async customerRequestChat(form, { service }) {
      const userData = userDataOf(operations, form);
      if (isRefusal(userData)) return userData;
      const text = form.text ? { text: form.text } : {};
      const requested = await requestChat(operations, {
        service,
        customer: detailsOf(form),
        userData,
        ...text,
      });
      if (isRefusal(requested)) return requested;
      const view = await readChat(operations, requested.commit.after.id);
      return view ? customerReply(view, requested.secureKey, 1) : refuse('Internal');
    },

    customerSend: (form, path) => {
      const { message, messageType } = form;
      if (message === '') return Promise.resolve(refuse('MissingParameter', 'The message is empty.'));
      const said = { text: message, ...(messageType ? { messageType } : {}) };
      return act({ type: 'CustomerSend', message: said }, form, path);
    },

    async customerRefresh(form, path) {
      const view = await readCustomerChat(operations, keyOf(form, path));
      if (isRefusal(view)) return view;
      const reply = customerReply(view, form.secureKey, form.transcriptPosition ?? 1);
      return { ...reply, userData: placeOf(operations, view.chat) };
    },

    customerStartTyping: typing(true),
    customerStopTyping: typing(false),

    /** Leaving twice is no error: the client that repeats it must learn that the chat is over. */
    async customerDisconnect(form, path) {
      const outcome = await act({ type: 'CustomerLeave' }, form, path);
      if (!isRefusal(outcome) || outcome.refused !== 'ChatEnded') return outcome;
      const view = await readCustomerChat(operations, keyOf(form, path));
      return isRefusal(view) ? view : customerReply(view, form.secureKey, form.transcriptPosition);
    },
  };
}

function keyOf(form: SessionForm, { service, chatId }: CustomerPath): CustomerKey {
  return { service, chatId: chatId as ChatId, secureKey: form.secureKey };
}
