import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '@parley/bayeux/transports/request-body.ts';
import type { CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { parseCustomerForm, type CustomerForm } from '@parley/contract/gms/requests.ts';
import { openingKeyMinLength, replayedHeader, takesIdempotencyKey } from '@parley/contract/idempotency.ts';
import { isRefusal, refuse, retryAfter, type Refusal } from '@parley/contract/refusals.ts';
import { routes } from '@parley/contract/routes.ts';
import { parseBasicHeader, type Claim } from '../../auth/basic-header.ts';
import type { Client, ClientAddresses } from '../../auth/client-addresses.ts';
import { bearerIn } from '../../auth/customer-identity.ts';
import { decideCors, type CorsSettings } from '../../auth/cors.ts';
import type { RequestLimits } from '../../limits/request-limits.ts';
import { refusalOfError } from '../../operations/take.ts';
import type { Traffic } from '../../telemetry/traffic.ts';
import { customerFailure } from '../../views/customer-view.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import type { RequestsUnderWay, RequestUnderWay } from '../../limits/requests-under-way.ts';
import type { CustomerOnce } from './customer-once.ts';
import { customerPlace, isStreamed, type CustomerRouteKey, type PlaceOf } from './customer-paths.ts';
import type { FileDoor } from './file-door.ts';
import { readForm } from './form.ts';

type FormOf<Key extends CustomerRouteKey> = (typeof routes)[Key]['form'];

/** What a customer's request says beside its form. */
export interface CustomerPath extends PlaceOf<CustomerRouteKey> {
  /** What the request claims by HTTP Basic: the credentials of a protected service. */
  readonly claims: readonly Claim[];
  /** Where it comes from. */
  readonly client: Client;
  /** The token of an `Authorization: Bearer` header. */
  readonly bearer: string | undefined;
}

export type CustomerHandlers = {
  readonly [Key in CustomerRouteKey]: (
    form: CustomerForm<FormOf<Key>>,
    path: CustomerPath,
  ) => Promise<CustomerReply | Refusal>;
};

type AnyHandler = (form: unknown, path: CustomerPath) => Promise<CustomerReply | Refusal>;

export interface CustomerDoorOptions {
  readonly handlers: CustomerHandlers;
  /** Takes the requests whose bytes go through as they come. */
  readonly files: FileDoor;
  readonly addresses: ClientAddresses;
  readonly limits: RequestLimits;
  /** Carries out once what comes with an idempotency key. */
  readonly once: CustomerOnce;
  readonly traffic: Traffic;
  readonly underWay: RequestsUnderWay;
  readonly crossOrigin: CorsSettings;
  /** Bytes that a body may have. */
  readonly bodyBytes: number;
  /** Something unexpected; the customer is told that it was an internal error. */
  readonly onError: (error: unknown) => void;
}

/**
 * The customer API over HTTP (gms-customer-api §2), straight on node:http: its calls are most of what a server does,
 * and a framework's part of them was a tenth of all (docs/adr/0007). Bodies of every content type are read as forms;
 * answers are HTTP 200 with a status in their body, but for a body that is too large.
 */
export class CustomerDoor {
  readonly #options: CustomerDoorOptions;
  #underWay = 0;
  #onIdle: (() => void) | null = null;

  constructor(options: CustomerDoorOptions) {
    this.#options = options;
  }

  /** Carries the request out if it is one of the customer API; else false, and nothing has been done with it. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST') return false;
    const place = customerPlace(request.url ?? '');
    if (!place) return false;
    if (this.#onIdle) response.shouldKeepAlive = false;
    if (isStreamed(place)) {
      this.begun();
      void this.#options.files.take({ request, response, place }).finally(() => this.ended());
    } else new CustomerCall(this, this.#options, { request, response, place }).receive();
    return true;
  }

  /** A request was read: it will be carried out. */
  begun(): void {
    this.#underWay += 1;
  }

  /** It has been carried out and answered, if anybody was there to hear. */
  ended(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#onIdle?.();
  }

  /** Resolves when every request that has come in was answered; connections are not kept any more. */
  drain(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#underWay === 0) resolve();
    });
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly place: PlaceOf<CustomerRouteKey>;
}

/** One request of a customer on its way to an answer. */
class CustomerCall implements RequestUnderWay {
  position: number | undefined = undefined;
  readonly #door: CustomerDoor;
  readonly #options: CustomerDoorOptions;
  readonly #exchange: Exchange;
  /** The answer stands for an earlier request. */
  #isReplayed = false;

  constructor(door: CustomerDoor, options: CustomerDoorOptions, exchange: Exchange) {
    this.#door = door;
    this.#options = options;
    this.#exchange = exchange;
  }

  /** Begins with the body. */
  receive(): void {
    readBody(this.#exchange.request, this.#options.bodyBytes, this);
  }

  /** What nobody has read of the body is in the way of the connection's next request, so it is the last one. */
  bodyTooLarge(): void {
    this.#exchange.response.shouldKeepAlive = false;
    this.#reply(refuse('BodyTooLarge'), 413);
  }

  bodyRead(body: string): void {
    const { underWay, onError } = this.#options;
    this.#door.begun();
    if (this.#changesSomething()) underWay.begun(this);
    this.#answer(body).catch(onError);
  }

  async #answer(body: string): Promise<void> {
    const { underWay, onError } = this.#options;
    let outcome: CustomerReply | Refusal;
    try {
      outcome = await this.#carryOut(body);
    } catch (error) {
      outcome = refusalOfError(error, onError);
    }
    underWay.ended(this);
    this.#reply(outcome);
    this.#door.ended();
  }

  answerEarly(refusal: Refusal): void {
    this.#reply(refusal);
  }

  #changesSomething(): boolean {
    const { key } = this.#exchange.place;
    return takesIdempotencyKey(key, routes[key]);
  }

  async #carryOut(body: string): Promise<CustomerReply | Refusal> {
    const { request, place } = this.#exchange;
    const { headers } = request;
    const { addresses, limits } = this.#options;
    const client = addresses.of(request);
    const tooMany = limits.customerRequest(client);
    if (tooMany) return tooMany;
    const read = readForm(body, headers['content-type'] ?? '');
    const written = read instanceof Promise ? await read : read;
    if (isRefusal(written)) return written;
    const form = parseCustomerForm(routes[place.key].form, written.fields);
    if (isRefusal(form)) return form;
    const { authorization } = headers;
    const claims = authorization === undefined ? [] : parseBasicHeader(authorization);
    // The table of routes ties each handler to its form.
    const handler = this.#options.handlers[place.key] as AnyHandler;
    const work = (): Promise<CustomerReply | Refusal> =>
      handler(form, { ...place, claims, client, bearer: bearerIn(authorization) });
    const given = headers['idempotency-key'];
    return given === undefined || !this.#changesSomething() ? work() : this.#once(form, { body, work });
  }

  async #once(
    form: object,
    { body, work }: { readonly body: string; readonly work: () => Promise<CustomerReply | Refusal> },
  ): Promise<CustomerReply | Refusal> {
    const { request, place } = this.#exchange;
    const minLength = place.key === 'customerRequestChat' ? openingKeyMinLength : undefined;
    const key = idempotencyKeyOf(request.headers, minLength) ?? refuse('InvalidParameter');
    if (isRefusal(key)) return key;
    const { answer, isReplayed } = await this.#options.once({ key, place, form, body, carryOut: work });
    this.#isReplayed = isReplayed && !isRefusal(answer);
    return answer;
  }

  #reply(outcome: CustomerReply | Refusal, status = 200): void {
    const { response, place } = this.#exchange;
    if (response.headersSent || response.destroyed) return;
    const body: CustomerReply | CustomerFailure = isRefusal(outcome)
      ? customerFailure(outcome, place.chatId)
      : outcome;
    const text = JSON.stringify(body);
    if (isRefusal(outcome)) this.#tellRefused(outcome);
    if (this.#isReplayed) response.setHeader(replayedHeader, 'true');
    response.writeHead(status, { ...this.#originHeaders(), ...replyHeaders(text) });
    response.end(text);
  }

  #tellRefused(refusal: Refusal): void {
    this.#options.traffic.refused(refusal.refused);
    const retry = retryAfter(refusal);
    if (retry !== undefined) this.#exchange.response.setHeader('Retry-After', retry);
  }

  #originHeaders(): Readonly<Record<string, string>> {
    const { origin } = this.#exchange.request.headers;
    if (origin === undefined) return noOrigin;
    return decideCors({ method: 'POST', origin, requestMethod: undefined }, this.#options.crossOrigin)
      .headers;
  }
}

const noOrigin = { Vary: 'Origin' };

function replyHeaders(text: string): Readonly<Record<string, string | number>> {
  return {
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  };
}
