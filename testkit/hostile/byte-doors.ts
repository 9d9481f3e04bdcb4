import { openEngine } from '@parley/bayeux/open-engine.ts';
import { systemClock as pushClock } from '@parley/bayeux/sessions/clock.ts';
import { isRefusal } from '@parley/contract/refusals.ts';
import { createApp } from '@parley/server/app.ts';
import { systemClock } from '@parley/server/clock.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { FileId } from '@parley/server/domain/ids.ts';
import { readForm } from '@parley/server/http/gms/form.ts';
import { receiveMultipart } from '@parley/server/http/multipart.ts';
import { pick, type Random } from '@parley/server/routing/seeded-random.ts';
import { randomBytes } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { memoryJournal } from '../model/memory-journal.ts';
import { noFiles } from '../model/no-files.ts';
import { problemOf } from './answers.ts';
import { answerIn } from './byte-attacks.ts';
import { ByteLine, ByteServer, rest } from './byte-line.ts';
import * as corpora from './corpora.ts';
import { hostileConfig } from './hostile-config.ts';
import { mutated, mutatedJson } from './mutate.ts';

/** One way for bytes to come in. */
export interface ByteDoor {
  /** Changes a valid input and lets it in; what is wrong with what came of it, or null. */
  take(input: Buffer): Promise<string | null>;
  next(random: Random): Buffer;
  /** What the server has said of itself meanwhile, and what it has kept. */
  problems(): Promise<readonly string[]>;
}

/** The whole server on a store in memory, behind Node's HTTP. Half of the inputs keep their head, so as to come further. */
export async function wholeServer(): Promise<ByteDoor> {
  const errors: string[] = [];
  const config = readConfig(
    { ...hostileConfig, externalUrl: 'http://localhost', limits: { openChats: 100 } },
    { machine: { timeZone: 'UTC' } },
  );
  const app = await createApp({
    ...{ config, clock: systemClock, random: randomBytes, passwordCost: { N: 2, r: 1, p: 1 } },
    logger: pino({ level: 'error' }, { write: (line: string) => void errors.push(line.trim()) }),
    onFatal: (error) => void errors.push(String(error)),
    machine: { openJournal: () => Promise.resolve(memoryJournal()), files: noFiles, pushClock },
  });
  const server = new ByteServer((request, response) => app.serve(request, response));
  const ask = async (request: corpora.Request): Promise<ReturnType<typeof answerIn>> =>
    answerIn((await server.send(corpora.httpBytes(request))).toString('latin1'));
  const requests = corpora.requests(await known(ask));
  const whole = requests.map(corpora.httpBytes);
  const bodies = requests.flatMap(({ body = '' }) => (body === '' ? [] : [Buffer.from(body)]));
  const json = bodies.filter((body) => ['{', '['].includes(body.toString('latin1', 0, 1)));
  return {
    next(random) {
      if (random() < 0.5) return mutated(random, whole);
      const request = pick(random, requests);
      const isJson = request.headers?.['Content-Type'] === corpora.jsonType && random() < 0.7;
      const body = isJson ? mutatedJson(random, json) : mutated(random, bodies);
      return corpora.httpBytes({ ...request, body });
    },
    async take(input) {
      const answer = answerIn((await server.send(input)).toString('latin1'));
      // What is sent twice in one connection is answered twice: the first answer is looked at.
      const problem = problemOf({ ...answer, way: 'other' });
      return problem === 'there is no answer' ? null : problem;
    },
    async problems() {
      server.close();
      await app.close();
      return errors;
    },
  };
}

/** An agent who has signed in and a chat that goes on. */
async function known(
  ask: (request: corpora.Request) => Promise<ReturnType<typeof answerIn>>,
): Promise<corpora.KnownToServer> {
  const authorization = `Basic ${Buffer.from(`marat:${demoPassword}`).toString('base64')}`;
  const me = { method: 'GET', path: '/api/v2/me', headers: { authorization } };
  // The password is hashed on another thread, and takes as many turns as it takes.
  let cookie: string | undefined;
  while (cookie === undefined) cookie = (await ask(me)).headers['set-cookie']?.toString().split(';')[0];
  const body = 'nickname=Ann';
  const headers = { 'Content-Type': corpora.formType };
  const opened = await ask({ path: '/genesys/2/chat/customer-support', headers, body });
  const { chatId, secureKey, userId } = JSON.parse(opened.body) as corpora.KnownToServer;
  return { cookie, chatId, secureKey, userId };
}

/** Sessions of a broken client are there until they have been idle for so long. */
const engineTimes = { timeoutMs: 20, engine: { maxIntervalMs: 300 } };
/** A session that an input may have ended is replaced after so many. */
const inputsPerSession = 200;

/** The push engine behind Node's HTTP: bodies of long-polling, and queries of callback-polling. */
export async function pushBodies(): Promise<ByteDoor> {
  const push = await PushDoor.open();
  return {
    next(random) {
      const text = push.text(random);
      const query = `jsonp=f&message=${encodeURIComponent(text.toString('latin1')).slice(0, 6_000)}`;
      if (random() < 0.15) return corpora.httpBytes({ method: 'GET', path: `/cometd?${query}` });
      return corpora.httpBytes({ path: '/cometd', body: text });
    },
    async take(input) {
      await push.renewed();
      const { status, headers, body } = answerIn((await push.server.send(input)).toString());
      if (status === 0 || status === 400 || status === 413) return null;
      if (status !== 200) return `status ${status}`;
      if (String(headers['content-type']).includes('javascript'))
        return /^f\(\[.*\]\)/s.test(body) || body.includes('f([') ? null : `no call of f: ${body}`;
      return Array.isArray(JSON.parse(body)) ? null : `no array: ${body}`;
    },
    problems: () => push.problems(),
  };
}

/** The push engine behind an upgrade: frames, and what is in them. */
export async function pushFrames(): Promise<ByteDoor> {
  const push = await PushDoor.open();
  const upgrade = corpora.httpBytes({ method: 'GET', path: '/cometd', headers: corpora.upgrade });
  return {
    next: (random) =>
      random() < 0.4
        ? mutated(random, corpora.frameStreams(push.clientId))
        : corpora.frame(push.text(random), random() < 0.9 ? 1 : 2),
    async take(input) {
      await push.renewed();
      const came = (await push.server.send(upgrade, input)).toString('latin1');
      return came.startsWith('HTTP/1.1 101 ') ? null : `no upgrade: ${came.slice(0, 100)}`;
    },
    problems: () => push.problems(),
  };
}

/** An engine that lets everybody do everything, and one session that is known in it. */
class PushDoor {
  readonly #engine = openEngine({ path: '/cometd', ...engineTimes });
  readonly server = new ByteServer(
    (request, response) => this.#engine.handleRequest(request, response),
    (request, connection, head) => this.#engine.handleUpgrade(request, connection, head),
  );
  clientId = 'none';
  #texts: readonly Buffer[] = [];
  #inputs = 0;

  static async open(): Promise<PushDoor> {
    const door = new PushDoor();
    await door.renewed();
    return door;
  }

  async renewed(): Promise<void> {
    this.#inputs += 1;
    if (this.#inputs % inputsPerSession !== 1) return;
    const [handshake = ''] = corpora.bayeuxTexts('none');
    const came = await this.server.send(corpora.httpBytes({ path: '/cometd', body: handshake }));
    const [reply] = JSON.parse(answerIn(came.toString()).body) as [{ readonly clientId: string }];
    this.clientId = reply.clientId;
    this.#texts = corpora.bayeuxTexts(this.clientId).map((text) => Buffer.from(text));
  }

  /** Messages of the session, changed; three times out of five they still are JSON. */
  text(random: Random): Buffer {
    return (random() < 0.6 ? mutatedJson : mutated)(random, this.#texts);
  }

  async problems(): Promise<readonly string[]> {
    await this.#engine.close();
    this.server.close();
    const { errors, sessions, sockets, timers, browsers } = this.#engine.snapshot();
    const left = { errors, sessions, sockets, timers, browsers };
    return Object.values(left).every((count) => count === 0) ? [] : [JSON.stringify(left)];
  }
}

const maxFileBytes = 100_000;

/** Multipart forms as they come from a socket, in pieces; their files go nowhere. */
export function multipartForms(): ByteDoor {
  const headers = { 'content-type': `multipart/form-data; boundary=${corpora.boundary}` };
  const uploadBounds = { uploadIdleMs: 10_000, requestTimeoutMs: 30_000, minUploadBytesPerSecond: 8_000 };
  const kept = new Set<string>();
  let received = 0;
  async function receive(bytes: AsyncIterable<Uint8Array>, maxBytes: number) {
    let size = 0;
    for await (const { length } of bytes) if ((size += length) > maxBytes) return null;
    const fileId = `f${(received += 1)}` as FileId;
    kept.add(fileId);
    const discard = (): Promise<void> => Promise.resolve(void kept.delete(fileId));
    return { fileId, path: fileId, size, sha256: '', isText: true, discard };
  }
  return {
    next: (random) => mutated(random, corpora.multipartBodies),
    async take(input) {
      const request = new IncomingMessage(new ByteLine() as never);
      request.headers = headers;
      const reading = receiveMultipart(request, {
        ...{ incoming: { receive }, maxFieldLength: 20_000, bounds: uploadBounds },
        mayBegin: () => Promise.resolve(maxFileBytes),
      });
      const half = Math.floor(input.length / 2);
      for (const piece of [input.subarray(0, half), input.subarray(half)]) request.push(piece);
      request.push(null);
      request.complete = true;
      const form = await reading;
      if (isRefusal(form)) return null;
      await form.upload?.incoming.discard();
      return form.fields.every(([name, value]) => typeof name === 'string' && typeof value === 'string')
        ? null
        : 'a field without name or value';
    },
    problems: async () => {
      await rest();
      return [...kept];
    },
  };
}

const contentTypes = [
  ...[corpora.formType, corpora.jsonType, 'text/plain', ''],
  `multipart/form-data; boundary=${corpora.boundary}`,
];

/** Customers' bodies that are read at once. */
export function customerForms(): ByteDoor {
  let type = '';
  return {
    next(random) {
      type = pick(random, contentTypes);
      return mutated(random, type.startsWith('multipart') ? corpora.multipartBodies : corpora.formBodies);
    },
    async take(input) {
      const form = await readForm(input.toString(), type);
      if (isRefusal(form)) return null;
      if (Object.getPrototypeOf(form.fields) !== null) return 'the fields have a prototype';
      return Object.hasOwn(Object.prototype, 'polluted') ? 'the prototype is polluted' : null;
    },
    problems: () => Promise.resolve([]),
  };
}
