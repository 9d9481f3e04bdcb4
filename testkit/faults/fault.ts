import type { LoadRun } from '@parley/load/run/load-run.ts';
import type { PrivateServer } from '@parley/server/journal/postgres/private-server.ts';
import type { Random } from '@parley/server/routing/seeded-random.ts';
import type { LossyProxy } from '../lossy-proxy.ts';
import type { ServerHost } from './server-host.ts';
import type { Tool } from './tools.ts';

/** Where a fault happens: a server under load behind a proxy. */
export interface FaultStage {
  readonly host: ServerHost;
  readonly proxy: LossyProxy;
  readonly load: LoadRun;
  /** Under the server, when the store is on PostgreSQL. */
  readonly database?: PrivateServer;
  readonly random: Random;
  readonly pause: (delayMs: number) => Promise<void>;
  /** How long what lasts lasts: seconds in CI, longer by hand. */
  readonly lastsMs: number;
}

/** Something that goes wrong in the field. When it is over, the server runs again and nothing stands in the way. */
export interface Fault {
  readonly name: string;
  readonly needs: readonly Tool[];
  /** Throws when the server does something that it must not, such as going on after its disk has failed. */
  readonly play: (stage: FaultStage) => Promise<void>;
}

/** Somewhere between half of and the whole time that faults last. */
export function aWhile({ random, lastsMs }: FaultStage): number {
  return lastsMs * (0.5 + random() / 2);
}
