import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import type { CustomerForm } from '@parley/contract/gms/requests.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../../domain/chat.ts';
import { parseJoinedKey } from '../../domain/chat-key.ts';
import type { ChatId, FileId } from '../../domain/ids.ts';
import { operateCustomerChat, readCustomerChat, type CustomerKey } from '../../operations/customer-chat.ts';
import {
  chatRequestOf,
  customerCommandOf,
  type CommandFormName,
} from '../../operations/customer-commands.ts';
import { speaksOf } from '../../operations/keyed-request.ts';
import { deleteCustomerFile, readFileLimits } from '../../operations/customer-files.ts';
import type { Operations } from '../../operations/operations.ts';
import { asOf, readChat } from '../../operations/read-chat.ts';
import { requestChat } from '../../operations/request-chat.ts';
import { fileLimitsReply } from '../../views/file-limits-view.ts';
import { customerReply } from '../../views/customer-view.ts';
import type { CustomerHandlers, CustomerPath } from './customer-door.ts';

interface SessionForm {
  readonly secureKey: string;
  readonly transcriptPosition?: number | undefined;
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

/** The operations of the customer API over HTTP, but for the bytes of files (gms-customer-api §2). */
export function customerHandlers(operations: Operations): CustomerHandlers {
  const act =
    <Name extends CommandFormName>(name: Name) =>
    async (form: CustomerForm<Name> & SessionForm, path: CustomerPath): Promise<CustomerReply | Refusal> => {
      const command = customerCommandOf(operations, name, form);
      if (isRefusal(command)) return command;
      const view = await operateCustomerChat(operations, customerKeyOf(form, path), command);
      if (isRefusal(view)) return view;
      // The position of a receipt says what was read, and asks for nothing.
      return customerReply(
        view,
        form.secureKey,
        name === 'readReceipt' ? undefined : form.transcriptPosition,
      );
    };
  const leave = act('disconnect');
  return {
    async customerRequestChat(form, { service, claims, client, bearer }) {
      const from = { client, identityToken: bearer ?? form.identityToken };
      const refused = await operations.serviceCredentials.check(service, claims);
      const request = refused ?? chatRequestOf(operations, service, form);
      if (isRefusal(request)) return request;
      const requested = await requestChat(operations, { ...request, ...from });
      if (isRefusal(requested)) return requested;
      const { after } = requested.commit;
      const view = await readChat(operations, after.id);
      return view ? customerReply(asOf(view, after), requested.secureKey, 1) : refuse('Internal');
    },
    customerSend: act('send'),
    async customerRefresh(form, path) {
      const view = await readCustomerChat(operations, customerKeyOf(form, path));
      if (isRefusal(view)) return view;
      const reply = customerReply(view, form.secureKey, form.transcriptPosition ?? 1);
      return { ...reply, userData: placeOf(operations, view.chat) };
    },
    customerStartTyping: act('startTyping'),
    customerStopTyping: act('stopTyping'),
    customerUpdateNickname: act('updateNickname'),
    customerPushUrl: act('pushUrl'),
    customerCustomNotice: act('customNotice'),
    customerUpdateData: act('updateData'),
    customerReadReceipt: act('readReceipt'),
    async customerFileLimits(form, path) {
      const read = await readFileLimits(operations, customerKeyOf(form, path));
      return isRefusal(read) ? read : fileLimitsReply(read, form.secureKey);
    },
    async customerFileDelete(form, path) {
      const view = await deleteCustomerFile(operations, customerKeyOf(form, path), path.fileId as FileId);
      return isRefusal(view) ? view : customerReply(view, form.secureKey, form.transcriptPosition);
    },
    /** Leaving twice is no error: the client that repeats it must learn that the chat is over. */
    async customerDisconnect(form, path) {
      const outcome = await leave(form, path);
      if (!isRefusal(outcome) || outcome.refused !== 'ChatEnded') return outcome;
      const view = await readCustomerChat(operations, customerKeyOf(form, path));
      if (isRefusal(view)) return view;
      speaksOf(view.chat);
      return customerReply(view, form.secureKey, form.transcriptPosition);
    },
  };
}

/** A chat that was opened over CometD is served here too: its key names the chat as well. */
export function customerKeyOf(
  form: { readonly secureKey: string },
  { service, chatId }: Pick<CustomerPath, 'service' | 'chatId'>,
): CustomerKey {
  const joined = parseJoinedKey(form.secureKey);
  const secureKey = joined?.chatId === chatId ? joined.secureKey : form.secureKey;
  return { service, chatId: chatId as ChatId, secureKey };
}
