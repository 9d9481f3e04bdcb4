import type { Fetch } from '@parley/client/fetch.ts';
import { exponential, type Random } from '@parley/server/routing/seeded-random.ts';
import { isUnavailable, type AnswerCheck } from './answer-check.ts';
import type { PlantedBug } from './planted-bug.ts';
import { PlantedRequests } from './planted-request.ts';
import { SimulatedConnection, type Answered, type Asked, type Target } from './simulated-connection.ts';
import type { MortalClock } from './simulated-time.ts';

/** How bad the network is: chances for each request, and milliseconds. */
export interface Weather {
  readonly meanDelayMs: number;
  /** The request never arrives. */
  readonly requestLost: number;
  /** It is carried out, and the answer never arrives. */
  readonly answerLost: number;
  /** It arrives twice, if it has a key that makes that harmless. */
  readonly repeated: number;
  /** It arrives much later. */
  readonly straggles: number;
}

export const calm: Weather = { meanDelayMs: 3, requestLost: 0, answerLost: 0, repeated: 0, straggles: 0 };
export const stormy: Weather = {
  meanDelayMs: 80,
  requestLost: 0.04,
  answerLost: 0.06,
  repeated: 0.04,
  straggles: 0.05,
};

/** What the network has done to those who used it. */
export interface NetworkCounts {
  /** Requests that never arrived, answers that never did, and connections that were cut while something was under way. */
  broken: number;
  /** Requests with a key that arrived more than once, sent again by their client or by the network. */
  doubled: number;
  /** Push sessions that were begun. */
  sessions: number;
}

const longestStraggleMs = 4_000;
/** How long a client waits before it gives a connection up on which nothing comes any more. */
const givesUpAfterMs = 6_000;
/** How often a proxy that got no answer asks again, and how long it may take to. */
const repeatedLater = 0.8;
const longestPatienceMs = 15_000;
/** How long a connection attempt to nobody takes. */
const refusedAfterMs = 50;

interface Request {
  readonly client: string;
  readonly url: string;
  readonly init: RequestInit;
}

interface Connection {
  readonly client: string;
  /** Nobody hears the other side any more; the server may not know. */
  cut(isToldServer: boolean): void;
}

/** Every connection between the clients and the server of a simulated world. */
export class SimulatedNetwork {
  readonly #clock: MortalClock;
  readonly #random: Random;
  readonly #planted: PlantedBug | undefined;
  readonly #plantedRequests: PlantedRequests;
  readonly #answers: AnswerCheck | undefined;
  readonly #open = new Set<Connection>();
  readonly #unreachable = new Set<string>();
  #target: Target | undefined;
  weather: Weather = calm;
  /** Requests that have reached a server, for the trace. */
  served = 0;
  readonly counts: NetworkCounts = { broken: 0, doubled: 0, sessions: 0 };
  readonly #keys = new Set<string>();

  constructor(options: {
    readonly clock: MortalClock;
    readonly random: Random;
    readonly planted?: PlantedBug | undefined;
    /** Looks at what the server answers, whoever hears it. */
    readonly answers?: AnswerCheck;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#planted = options.planted;
    this.#answers = options.answers;
    this.#plantedRequests = new PlantedRequests(options.planted, options.random);
  }

  /** A server takes requests from now on; undefined: nobody does, and what is open breaks. */
  attach(target: Target | undefined): void {
    this.#target = target;
    if (target === undefined) for (const connection of [...this.#open]) connection.cut(false);
  }

  /** A client is out of reach; its connections hang without a word, or break. */
  cutOff(client: string, isHalfOpen: boolean): void {
    this.#unreachable.add(client);
    for (const connection of [...this.#open])
      if (connection.client === client) {
        if (!isHalfOpen) connection.cut(true);
        else this.#clock.after(givesUpAfterMs, () => connection.cut(false));
      }
  }

  reconnect(client: string): void {
    this.#unreachable.delete(client);
  }

  /** The way of one client to the server. */
  fetchOf(client: string): Fetch {
    return (url, init = {}) =>
      new Promise<Response>((resolve, reject) => {
        let isOver = false;
        const end = (finish: () => void): void => {
          if (isOver) return;
          isOver = true;
          init.signal?.removeEventListener('abort', aborted);
          finish();
        };
        const fail = (): void => end(() => reject(new TypeError('fetch failed')));
        const aborted = (): void => end(() => reject(init.signal?.reason as Error));
        init.signal?.addEventListener('abort', aborted, { once: true });
        if (init.signal?.aborted) return aborted();
        this.#send(
          { client, url, init },
          { isOver: () => isOver, fail, answer: (response) => end(() => resolve(response)) },
        );
      });
  }

  #send(
    request: Request,
    caller: {
      readonly isOver: () => boolean;
      readonly fail: () => void;
      readonly answer: (response: Response) => void;
    },
  ): void {
    const { client } = request;
    const { requestLost, answerLost } = this.weather;
    const isLost = this.#random() < requestLost;
    const isAnswerLost = this.#random() < answerLost;
    this.#clock.after(this.#delayMs(), () => {
      const target = this.#target;
      if (!target || this.#unreachable.has(client))
        return void this.#clock.after(refusedAfterMs, caller.fail);
      if (isLost) {
        this.counts.broken += 1;
        return void this.#clock.after(givesUpAfterMs, caller.fail);
      }
      this.served += 1;
      const asked = this.#plantedRequests.changed(askedOf(request));
      this.#count(asked);
      const simulated = new SimulatedConnection(asked);
      const checked = this.#answers?.begun(asked) ?? ((): void => {});
      const connection: Connection = {
        client,
        cut: (isToldServer) => {
          this.counts.broken += 1;
          this.#open.delete(connection);
          checked();
          if (isToldServer) simulated.breakOff();
          caller.fail();
        },
      };
      this.#open.add(connection);
      let isRefusedForNow = false;
      this.#repeat(asked, () => isRefusedForNow);
      simulated.serve(target, (answer) => {
        isRefusedForNow = isUnavailable(answer);
        if (!this.#open.delete(connection)) return;
        checked(answer);
        const lost = isAnswerLost || this.#unreachable.has(client);
        if (lost) this.#repeatLater(asked);
        if (lost) this.counts.broken += 1;
        this.#clock.after(lost ? givesUpAfterMs : this.#delayMs(), () =>
          lost ? caller.fail() : caller.answer(responseOf(answer, (text) => this.#spoil(request.url, text))),
        );
      });
    });
  }

  /**
   * A proxy that saw no answer sends a request once more, and nobody hears what becomes of that. Not when it has seen by
   * then that nothing was done for now: the other could be carried out, and whoever asked was told that theirs was not.
   */
  #repeat(asked: Asked, isRefusedForNow: () => boolean): void {
    const { 'idempotency-key': key, ...headers } = asked.headers;
    const isPlanted = this.#planted === 'carries a message out twice' && asked.url.endsWith('/send');
    if (isPlanted && this.#random() < 0.1) this.#again({ ...asked, headers });
    else if (key !== undefined && this.#random() < this.weather.repeated)
      this.#clock.after(this.#delayMs(), () => {
        if (!isRefusedForNow()) this.#double(asked);
      });
  }

  /** The same for a request that was carried out: so late that the server may have started anew meanwhile. */
  #repeatLater(asked: Asked): void {
    if (asked.headers['idempotency-key'] === undefined || this.#random() > repeatedLater) return;
    this.#clock.after(this.#random() * longestPatienceMs, () => this.#double(asked));
  }

  #double(asked: Asked): void {
    this.counts.doubled += 1;
    this.#again(asked);
  }

  #again(asked: Asked): void {
    if (this.#target) new SimulatedConnection(asked).serve(this.#target, () => {});
  }

  #count({ headers, body = '' }: Asked): void {
    const key = headers['idempotency-key'];
    if (key !== undefined && this.#keys.has(key)) this.counts.doubled += 1;
    if (key !== undefined) this.#keys.add(key);
    if (body.includes('"/meta/handshake"')) this.counts.sessions += 1;
  }

  /** What a planted bug makes of an answer. */
  #spoil(url: string, text: string): string {
    const planted = this.#planted;
    if (!planted?.includes('notification') || !url.includes('/notifications') || this.#random() > 0.2)
      return text;
    const messages = JSON.parse(text) as { readonly channel: string }[];
    const at = messages.findIndex(({ channel }) => channel === '/v2/me/chats');
    const [found] = messages.slice(at);
    if (at === -1 || !found) return text;
    if (planted === 'swallows a notification') messages.splice(at, 1);
    else if (planted === 'repeats a notification') messages.splice(at, 0, found);
    else messages.splice(at, messages.length - at - 1, ...messages.slice(at, -1).reverse());
    return JSON.stringify(messages);
  }

  #delayMs(): number {
    const { meanDelayMs, straggles } = this.weather;
    const straggle = this.#random() < straggles ? this.#random() * longestStraggleMs : 0;
    return exponential(this.#random, meanDelayMs) + straggle;
  }
}

function askedOf({ url, init }: Request): Asked {
  const { pathname, search } = new URL(url);
  return {
    method: init.method ?? 'GET',
    url: pathname + search,
    headers: Object.fromEntries(new Headers(init.headers)),
    body: init.body === undefined || init.body === null ? undefined : String(init.body),
  };
}

/** Statuses whose answers have no body: the platform insists on it. */
const bodiless: readonly number[] = [204, 205, 304];

function responseOf({ status, headers, body }: Answered, spoil: (text: string) => string): Response {
  return new Response(bodiless.includes(status) ? null : spoil(body), { status, headers });
}
