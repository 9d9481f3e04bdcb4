import { randomBytes, scryptSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../run/load-options.ts';
import { ServerProcess } from './server-process.ts';

/** The service, and the queue behind it, of a server that is started for a run. */
export const ownService = 'load';

/** The cheapest that the server takes: signing in is not what is measured. */
const cheapHash = { N: 2 ** 14, r: 8, p: 1 };

export function ownAccounts(count: number): readonly Account[] {
  return Array.from({ length: count }, (_, at) => ({ userName: `agent-${at + 1}`, password: 'load' }));
}

/** The configuration file of a contact centre with these agents, who together have room for every customer. */
export function ownConfiguration(accounts: readonly Account[], customers: number): object {
  const salt = randomBytes(16);
  const { N, r, p } = cheapHash;
  const hashOf = (password: string): string =>
    `scrypt$${N}$${r}$${p}$${salt.toString('base64')}$${scryptSync(password, salt, 32, cheapHash).toString('base64')}`;
  const hashes = new Map(
    [...new Set(accounts.map(({ password }) => password))].map((one) => [one, hashOf(one)]),
  );
  return {
    logLevel: 'error',
    agents: accounts.map(({ userName, password }) => ({
      userName,
      passwordHash: hashes.get(password),
      // A chat counts until its agent has completed it, and the customer is back before that.
      chatCapacity: Math.min(100, Math.ceil((2 * customers) / accounts.length)),
    })),
    queues: [{ name: ownService, afterNoAnswer: 'Ready', offerTimeoutMs: 10_000 }],
    services: [{ name: ownService, queue: ownService }],
    // What is measured is what the server can do, not what it allows.
    rateLimits: {
      perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
      perService: { newChatsPerMinute: 0 },
      perAgent: { requestsPerSecond: 0 },
    },
  };
}

/** A server of one's own on a folder that is removed with it. */
export interface OwnServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startOwnServer(configuration: object): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-load-'));
  const configPath = join(folder, 'parley.json');
  await writeFile(configPath, JSON.stringify(configuration));
  const server = new ServerProcess({ configPath, dataFolder: join(folder, 'data') });
  const end = async (): Promise<void> => {
    await server.stop().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await server.ready, stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}
