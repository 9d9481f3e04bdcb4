import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BayeuxServer } from '@parley/bayeux/server.ts';
import { mountPath } from './engine-calls.ts';
import type {
  EngineCall,
  EngineCallName,
  EngineCalls,
  EngineReport,
  EngineSettings,
} from './engine-calls.ts';

// The engine under test with an open policy, as a process that is asked by messages.

const maxErrorsKept = 20;

const { port, ...settings } = JSON.parse(process.argv[2] ?? '{}') as EngineSettings;
const errors: string[] = [];
const engine = new BayeuxServer<string | null>({
  ...settings,
  principalKey: (user) => user ?? undefined,
  hooks: {
    onError: (error) => {
      if (errors.length < maxErrorsKept)
        errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    },
  },
});
engine.mount({
  path: mountPath,
  authenticate: (request) => ({ principal: request.headers['x-user']?.toString() ?? null }),
});
engine.onService('/service/echo', (_session, message, reply) => reply(message.data));

const server = createServer((request, response) => engine.handleRequest(request, response));
server.on('upgrade', (request, socket, head) => engine.handleUpgrade(request, socket, head));
let connections = 0;
server.on('connection', (socket) => {
  connections += 1;
  socket.on('close', () => (connections -= 1));
});

type Answers = {
  [Name in EngineCallName]: (argument: EngineCalls[Name]['argument']) => EngineCalls[Name]['result'];
};

const answers: Answers = {
  publish: ({ channel, data }) => {
    for (const each of data) engine.publish(channel, each);
    return null;
  },
  deliver: ({ clientId, channel, data }) =>
    engine.session(clientId)?.deliver(engine.prepare(channel, data)) ?? false,
  counts: () => {
    const { sessions, browsers, principals, subscribedChannels, sockets, timers } = engine.snapshot();
    return { sessions, browsers, principals, subscribedChannels, sockets, timers, connections };
  },
  memory: () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heapUsed, rss };
  },
  troubles: () => ({ errors, counters: { ...engine.snapshot() } }),
};

function obey({ call, name, argument }: EngineCall): void {
  try {
    const result = (answers[name] as (argument: unknown) => unknown)(argument);
    report({ kind: 'answer', call, result });
  } catch (error) {
    report({ kind: 'answer', call, error: String(error) });
  }
}

function report(message: EngineReport): void {
  process.send?.(message);
}

process.on('disconnect', () => process.exit());
process.on('message', (call: EngineCall) => obey(call));
server.listen(port, '127.0.0.1', 4096, () =>
  report({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);
