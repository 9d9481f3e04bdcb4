import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '@parley/bayeux/transports/request-body.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { parseCustomerForm, type CustomerForm } from '@parley/contract/gms/requests.ts';
import { replayedHeader } from '@parley/contract/idempotency.ts';
import { isRefusal, refusals, refuse, retryAfter, type Refusal } from '@parley/contract/refusals.ts';
import type { ClientAddresses } from '../../auth/client-addresses.ts';
import { decideCors } from '../../auth/cors.ts';
import { chatKeyIn } from '../../domain/chat-key.ts';
import type { FileId } from '../../domain/ids.ts';
import { findCustomerChat, withServiceOf, type CustomerKey } from '../../operations/customer-chat.ts';
import {
  cannotUpload,
  deleteCustomerFile,
  downloadCustomerFile,
  readFileLimits,
  uploadCustomerFile,
  type UploadedFile,
} from '../../operations/customer-files.ts';
import { fileLimitsOf, kindOf, largestCustomerFile } from '../../operations/file-limits.ts';
import type { Operations } from '../../operations/operations.ts';
import { readChatAt, type ReadChat } from '../../operations/read-chat.ts';
import type { ScopedKey } from '../../operations/request-keys.ts';
import type { OpenFile } from '../../operations/stored-files.ts';
import { refusalOfError } from '../../operations/take.ts';
import { uploadOnce } from '../../operations/upload-once.ts';
import type { Traffic } from '../../telemetry/traffic.ts';
import { customerFailure, customerReply } from '../../views/customer-view.ts';
import { fileLimitsReply } from '../../views/file-limits-view.ts';
import { answerEarly, sendFile, type AnswerHeaders } from '../answer.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import { isMultipart, receiveMultipart, type ReceivedForm } from '../multipart.ts';
import type { RequestsUnderWay } from '../../limits/requests-under-way.ts';
import { customerKeyOf } from './customer-handlers.ts';
import type { CustomerPlace, PlaceOf, StreamedRouteKey } from './customer-paths.ts';
import { gather, readForm, type Form } from './form.ts';

export interface FileDoorOptions {
  readonly operations: Operations;
  readonly addresses: ClientAddresses;
  readonly traffic: Traffic;
  readonly underWay: RequestsUnderWay;
  /** Something unexpected; the customer is told that it was an internal error. */
  readonly onError: (error: unknown) => void;
}

type Outcome = CustomerReply | OpenFile | Refusal;

/** A form that has come in: its fields, and its file when it has one. */
interface Received extends Form {
  readonly upload: ReceivedForm['upload'];
}

/** What a form asks of a chat. */
interface Asked {
  readonly key: CustomerKey;
  readonly form: CustomerForm<'fileOperation'>;
  readonly received: Received;
}

/** A request with files in it, and where it goes. */
export interface FileExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly place: PlaceOf<StreamedRouteKey>;
}

/**
 * The requests of customers that carry bytes (gms-customer-api §2, rows 13 and 14; §6.3, the side door for CometD): these
 * go between the socket and the disk as they come. Whose chat it is is known from the form, perhaps only once the file
 * has come; until then it waits where nobody can read it.
 */
export class FileDoor {
  readonly #options: FileDoorOptions;

  constructor(options: FileDoorOptions) {
    this.#options = options;
  }

  /** Carries the request out and answers it. Never rejects. */
  async take(exchange: FileExchange): Promise<void> {
    const { onError } = this.#options;
    try {
      const outcome = await this.#carryOut(exchange).catch((error: unknown) =>
        refusalOfError(error, onError),
      );
      await this.#reply(exchange, outcome);
    } catch (error) {
      onError(error);
      exchange.response.destroy();
    }
  }

  async #carryOut(exchange: FileExchange): Promise<Outcome> {
    const { operations, addresses } = this.#options;
    const tooMany = operations.limits.customerRequest(addresses.of(exchange.request));
    if (tooMany) return tooMany;
    if (!isMultipart(exchange.request)) {
      const form = await readFields(exchange.request, operations.config.limits.bodyBytes);
      return isRefusal(form) ? form : this.#operate(exchange, { ...form, upload: null });
    }
    const { gate } = operations.files;
    if (!gate.enter()) return refuse('Unavailable', 'Too many files are being sent; try again later.');
    try {
      const received = await this.#receive(exchange);
      if (isRefusal(received)) return received;
      try {
        return await this.#operate(exchange, received);
      } finally {
        await received.upload?.incoming.discard();
      }
    } finally {
      gate.leave();
    }
  }

  async #receive(exchange: FileExchange): Promise<Received | Refusal> {
    const { operations } = this.#options;
    const received = await receiveMultipart(exchange.request, {
      incoming: operations.files.incoming,
      maxFieldLength: operations.config.limits.bodyBytes,
      bounds: { ...operations.config.files, ...operations.config.limits },
      mayBegin: (fields, name) => this.#mayBegin(exchange, gather(fields), name),
    });
    return isRefusal(received) ? received : { ...gather(received.fields), upload: received.upload };
  }

  /** How many bytes the file may have, as far as that is known before it has come; or why it cannot be taken. */
  async #mayBegin(
    { request, place }: FileExchange,
    { fields }: Form,
    name: string,
  ): Promise<number | Refusal> {
    const { operations } = this.#options;
    if (place.key === 'customerFileDownload')
      return refuse('InvalidParameter', 'There is nothing to upload here.');
    const session = parseCustomerForm('fileOperation', fields);
    const key = isRefusal(session) ? null : await this.#keyOf(place, session);
    if (isRefusal(key)) return key;
    if (key) {
      const scoped = scopedKeyOf(request, 'fileUpload', key);
      if (isRefusal(scoped)) return scoped;
      // What is answered from before needs no room any more.
      const isRepeated = scoped !== null && operations.requestKeys.has(scoped);
      const refused = isRepeated ? null : await cannotUpload(operations, key, name);
      return refused ?? fileLimitsOf(operations, key.service).maxFileBytes;
    }
    if (place.service === '') return largestCustomerFile(operations);
    const { types, maxFileBytes } = fileLimitsOf(operations, place.service);
    const kind = kindOf(name, types);
    return isRefusal(kind) ? kind : maxFileBytes;
  }

  /** Which chat is meant: that of the path, or of the side door's key, or of its field `chatId`. */
  async #keyOf(
    place: CustomerPlace,
    form: Pick<CustomerForm<'fileOperation'>, 'secureKey' | 'chatId'>,
  ): Promise<CustomerKey | Refusal> {
    if (place.service !== '') return customerKeyOf(form, place);
    const key = await withServiceOf(this.#options.operations, chatKeyIn(form));
    if (isRefusal(key)) return key;
    const view = await findCustomerChat(this.#options.operations, key);
    return isRefusal(view) ? view : key;
  }

  /** From here on all of the request has come in. */
  #operate(exchange: FileExchange, received: Received): Promise<Outcome> {
    const { underWay, onError } = this.#options;
    const tell = (refusal: Refusal): void => void this.#reply(exchange, refusal).catch(onError);
    return underWay.during(tell, () => this.#do(exchange, received));
  }

  async #do(exchange: FileExchange, received: Received): Promise<Outcome> {
    const { place } = exchange;
    const form = parseCustomerForm('fileOperation', received.fields);
    if (isRefusal(form)) return form;
    const key = await this.#keyOf(place, form);
    if (isRefusal(key)) return key;
    switch (operationOf(place, form, received)) {
      case 'fileUpload':
        return this.#upload(exchange, { key, form, received });
      case 'fileDownload': {
        const fileId = place.fileId || form.fileId;
        if (!fileId) return refuse('MissingParameter', 'The parameter "fileId" is missing.');
        return downloadCustomerFile(this.#options.operations, key, fileId as FileId);
      }
      case 'fileDelete':
        return this.#delete(exchange, { key, form, received });
      case 'fileGetLimits':
      case 'fileGetsLimits': {
        const read = await readFileLimits(this.#options.operations, key);
        return isRefusal(read) ? read : fileLimitsReply(read, form.secureKey);
      }
      case undefined:
        return refuse('MissingParameter', 'The parameter "operation" is missing.');
    }
  }

  async #delete(
    { request, response, place }: FileExchange,
    { key, form: { secureKey, fileId, transcriptPosition }, received: { fields } }: Asked,
  ): Promise<Outcome> {
    const { operations } = this.#options;
    if (!fileId) return refuse('MissingParameter', 'The parameter "fileId" is missing.');
    const scoped = scopedKeyOf(request, 'fileDelete', key);
    if (isRefusal(scoped)) return scoped;
    const { answer, isReplayed } = await operations.requestKeys.askPerhaps<ReadChat>(scoped, {
      content: `POST ${place.key}\n${JSON.stringify(fields)}`,
      carryOut: () => deleteCustomerFile(operations, key, fileId as FileId),
      answerAgain: async ({ chat }) =>
        (chat && (await readChatAt(operations, chat.id, chat.toSeq))) ??
        refuse('NotFound', 'The chat of this request is gone.'),
    });
    if (isRefusal(answer)) return answer;
    if (isReplayed && !response.headersSent) response.setHeader(replayedHeader, 'true');
    return customerReply(answer, secureKey, transcriptPosition);
  }

  async #upload(
    { request, response, place }: FileExchange,
    { key, form: { secureKey, transcriptPosition, userData, message }, received: { fields, upload } }: Asked,
  ): Promise<Outcome> {
    const { operations } = this.#options;
    if (!upload) return refuse('MissingParameter', 'The part "file" is missing.');
    const description = userData?.['file-description'] ?? message;
    const told = description === undefined ? upload : { ...upload, description };
    const scoped = scopedKeyOf(request, 'fileUpload', key);
    if (isRefusal(scoped)) return scoped;
    const { answer, isReplayed } = await uploadOnce<UploadedFile>(operations, {
      scoped,
      upload: told,
      content: `POST ${place.key}\n${JSON.stringify(fields)}`,
      carryOut: () => uploadCustomerFile(operations, key, told),
      answerAgain: (uploaded) => uploaded,
    });
    if (isRefusal(answer)) return answer;
    if (isReplayed && !response.headersSent) response.setHeader(replayedHeader, 'true');
    const reply = customerReply(answer.view, secureKey, transcriptPosition);
    return { ...reply, userData: { 'file-id': answer.fileId } };
  }

  async #reply({ request, response, place }: FileExchange, outcome: Outcome): Promise<void> {
    if (response.headersSent) {
      // It was answered early.
      if ('bytes' in outcome) outcome.bytes.destroy();
      return;
    }
    const headers = this.#originHeaders(request);
    if ('bytes' in outcome) return sendFile(response, outcome, headers);
    const body = isRefusal(outcome) ? customerFailure(outcome, place.chatId) : outcome;
    if (isRefusal(outcome)) this.#options.traffic.refused(outcome.refused);
    const retry = isRefusal(outcome) ? retryAfter(outcome) : undefined;
    answerEarly(request, response, {
      status: isRefusal(outcome) ? statusOf(outcome, place) : 200,
      headers: {
        ...headers,
        ...(retry === undefined ? {} : { 'retry-after': retry }),
        'cache-control': 'no-store',
        'content-type': 'application/json;charset=utf-8',
      },
      body: JSON.stringify(body),
    });
  }

  #originHeaders({ headers: { origin } }: IncomingMessage): AnswerHeaders {
    const { crossOrigin } = this.#options.operations.config;
    return { ...decideCors({ method: 'POST', origin, requestMethod: undefined }, crossOrigin).headers };
  }
}

/** 200, as all of the customer API (rule 7 of §3); but whoever saves what they are sent must not save a refusal. */
function statusOf({ refused }: Refusal, { key }: CustomerPlace): number {
  return key === 'customerFileDownload' || refused === 'BodyTooLarge' ? refusals[refused].httpStatus : 200;
}

/** The idempotency key of a change; those of who has the chat's secure key are theirs (docs/adr/0010). */
function scopedKeyOf(
  { headers }: IncomingMessage,
  operation: 'fileUpload' | 'fileDelete',
  { service, chatId, secureKey }: CustomerKey,
): ScopedKey | null | Refusal {
  const key = idempotencyKeyOf(headers) ?? null;
  if (key === null || isRefusal(key)) return key;
  return { key, scope: ['customer', operation, service, chatId, secureKey] };
}

function operationOf(
  { key }: FileExchange['place'],
  { operation }: CustomerForm<'fileOperation'>,
  { upload }: Received,
): CustomerForm<'fileOperation'>['operation'] {
  if (key === 'customerFileUpload') return 'fileUpload';
  if (key === 'customerFileDownload') return 'fileDownload';
  return operation ?? (upload ? 'fileUpload' : undefined);
}

function readFields(request: IncomingMessage, maxBytes: number): Promise<Form | Refusal> {
  return new Promise((resolve, reject) => {
    const contentType = request.headers['content-type'] ?? '';
    request.once('close', () => {
      if (!request.complete) resolve(refuse('InvalidParameter', 'The request broke off.'));
    });
    readBody(request, maxBytes, {
      bodyTooLarge: () => resolve(refuse('BodyTooLarge')),
      bodyRead: (body) => void Promise.resolve(readForm(body, contentType)).then(resolve, reject),
    });
  });
}
