import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { agentName, benchPassword, customerName, type ServerAnswer, type ServerJob } from '../orders.ts';
import { xmppDomain } from '../xmpp-session.ts';
import { ejabberdLibraries, ejabberdTables } from './ejabberd-install.ts';

// ejabberd with mod_mam on PostgreSQL in a database of its own: `node ejabberd.ts <job as JSON>`. This process starts
// it and ends with it; the Erlang machine is a process of its own, on the same core.

const { pairs, databaseUrl = '' } = JSON.parse(process.argv[2] ?? '{}') as ServerJob;
const folder = mkdtempSync(join(tmpdir(), 'parley-bench-ejabberd-'));
const startsWithinMs = 30_000;

async function makeTables(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  // Its tables name no schema; without the notices of what they drop first.
  await client.query(`SET client_min_messages = warning; ${readFileSync(ejabberdTables, 'utf8')}`);
  const names = Array.from({ length: pairs }, (_, pair) => [agentName(pair), customerName(pair)]).flat();
  await client.query('INSERT INTO users (username, password) SELECT unnest($1::text[]), $2', [
    names,
    benchPassword,
  ]);
  await client.end();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Only what the messages need: no shapers, no rosters, no other module. All else is ejabberd's default. */
function configuration(port: number): object {
  const { hostname, port: sqlPort, pathname, username, password } = new URL(databaseUrl);
  return {
    hosts: [xmppDomain],
    loglevel: 'warning',
    sql_type: 'pgsql',
    sql_server: hostname,
    sql_port: Number(sqlPort || 5432),
    sql_database: pathname.slice(1),
    sql_username: decodeURIComponent(username),
    sql_password: decodeURIComponent(password),
    new_sql_schema: false,
    auth_method: 'sql',
    listen: [{ port, ip: '127.0.0.1', module: 'ejabberd_c2s' }],
    modules: { mod_mam: { db_type: 'sql', default: 'always' }, mod_stream_mgmt: {} },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

await makeTables();
const port = await freePort();
const configFile = join(folder, 'ejabberd.yml');
// JSON is YAML.
writeFileSync(configFile, JSON.stringify(configuration(port)));
const logFile = join(folder, 'ejabberd.log');
const spool = `"${join(folder, 'spool')}"`;
// One scheduler for its one core; `+K true` is what its own starter says.
const erl = spawn('erl', ['+S', '1:1', '+K', 'true', '-mnesia', 'dir', spool, '-s', 'ejabberd', '-noinput'], {
  stdio: 'ignore',
  env: {
    // eslint-disable-next-line node/no-process-env -- Erlang needs PATH and HOME
    ...process.env,
    ERL_LIBS: ejabberdLibraries(),
    ERL_CRASH_DUMP: '/dev/null',
    EJABBERD_CONFIG_PATH: configFile,
    EJABBERD_LOG_PATH: logFile,
  },
});
process.on('exit', () => {
  erl.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
erl.on('exit', (code, signal) => {
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  console.error(`ejabberd ended with ${signal ?? code}\n${log}`);
  process.exit(1);
});

const deadline = performance.now() + startsWithinMs;
while (!(await accepts(port))) {
  if (performance.now() > deadline) throw new Error(`ejabberd did not listen within ${startsWithinMs} ms`);
  await pause(100);
}
// erl replaces itself by the Erlang machine, so this is its id.
process.send?.({ kind: 'listening', port, pid: erl.pid as number } satisfies ServerAnswer);
