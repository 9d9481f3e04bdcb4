import type { Random } from '@parley/server/routing/seeded-random.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Asked } from './simulated-connection.ts';

/** What the server makes of requests while it has a planted bug: each is changed before it is served. */
export class PlantedRequests {
  readonly #planted: PlantedBug | undefined;
  readonly #random: Random;
  /** The last message of each chat, by its path. */
  readonly #sends = new Map<string, URLSearchParams>();

  constructor(planted: PlantedBug | undefined, random: Random) {
    this.#planted = planted;
    this.#random = random;
  }

  changed(asked: Asked): Asked {
    switch (this.#planted) {
      case 'reads on from one entry too late':
        return asked.url.endsWith('/refresh') ? { ...asked, body: oneEntryLater(asked.body) } : asked;
      case 'forgets one batch too many':
        return asked.url.includes('/notifications') ? { ...asked, body: oneBatchLater(asked.body) } : asked;
      case 'says in one chat what was said in another':
        return asked.url.endsWith('/send') ? this.#inAnotherChat(asked) : asked;
      default:
        return asked;
    }
  }

  #inAnotherChat(asked: Asked): Asked {
    const fields = new URLSearchParams(asked.body);
    this.#sends.set(asked.url, fields);
    const [found] = [...this.#sends].filter(([url]) => url !== asked.url).slice(-1);
    if (!found || this.#random() > 0.2) return asked;
    const [url, other] = found;
    const body = new URLSearchParams(other);
    body.set('message', fields.get('message') ?? '');
    return { ...asked, url, body: String(body) };
  }
}

function oneEntryLater(body: string | undefined): string {
  const fields = new URLSearchParams(body);
  const position = Number(fields.get('transcriptPosition'));
  if (position > 1) fields.set('transcriptPosition', String(position + 1));
  return String(fields);
}

function oneBatchLater(body: string | undefined): string | undefined {
  return body?.replace(/"ack":(\d+)/g, (_, batch) => `"ack":${Number(batch) + 1}`);
}
