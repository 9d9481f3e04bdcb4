import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { aWhile, type Fault, type FaultStage } from './fault.ts';
import { outliveFullDisk, stopOnFullDisk } from './full-disk.ts';
import { fill } from './tools.ts';
import { tearLog } from './write-ahead-log.ts';

/** A server whose disk has failed must end within so long of the next commit. */
const endWithinMs = 10_000;

/** Says so and ends: no acknowledgement may follow a failed write. */
const storeFailedExit = 1;

/** Lets strace stand between the server and its disk until the returned function is called. */
async function injectIntoSyncs(pid: number, what: string): Promise<() => Promise<void>> {
  const syncs = 'fdatasync,fsync';
  const inject = `inject=${syncs}:${what}`;
  const options = [
    '-f',
    '-p',
    String(pid),
    '-e',
    `trace=${syncs}`,
    '-e',
    inject,
    '-e',
    'signal=none',
    '-o',
    '/dev/null',
  ];
  const strace = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(strace, 'exit');
  await Promise.race([once(strace.stderr, 'data'), gone]);
  if (strace.exitCode !== null) throw new Error('strace could not get at the server');
  return async () => {
    strace.kill('SIGINT');
    await gone;
  };
}

async function mustEnd({ host }: FaultStage): Promise<void> {
  const code = await host.endsByItself(endWithinMs);
  if (code === undefined) throw new Error('the server goes on although its disk has failed');
  if (code !== storeFailedExit) throw new Error(`the server ended with ${code}:\n${host.output}`);
}

/** Of the disk under the store in SQLite. */
export const diskFaults: readonly Fault[] = [
  {
    name: 'slow disk',
    needs: ['strace'],
    async play(stage) {
      const release = await injectIntoSyncs(
        stage.host.pid,
        `delay_exit=${20_000 + Math.floor(stage.random() * 100_000)}`,
      );
      await stage.pause(aWhile(stage));
      await release();
    },
  },
  {
    name: 'a sync fails (EIO)',
    needs: ['strace'],
    async play(stage) {
      const release = await injectIntoSyncs(stage.host.pid, 'error=EIO');
      try {
        await mustEnd(stage);
      } finally {
        await release();
      }
      await stage.host.start();
    },
  },
  {
    name: 'disk full',
    needs: ['tmpfs'],
    play: outliveFullDisk,
  },
  {
    name: 'a stop on a full disk',
    needs: ['tmpfs'],
    play: stopOnFullDisk,
  },
  {
    name: 'a start on a full disk',
    needs: ['tmpfs'],
    async play({ host }) {
      await host.kill();
      const filler = join(host.dataFolder, 'filler');
      fill(filler);
      const sentence = await host.start().then(
        () => null,
        (error: Error) => error.message,
      );
      rmSync(filler);
      // It makes its log anew: the room that the old one gives back is enough when the database need not grow.
      if (sentence === null) return;
      if (!/disk is full/.test(sentence))
        throw new Error(`the server does not say that its disk is full: ${sentence}`);
      await host.start();
    },
  },
  {
    name: 'torn write-ahead log',
    needs: [],
    async play({ host, random }) {
      await host.kill();
      if (tearLog(host.logPath, random) === 0) throw new Error('there is no log to damage');
      await host.start();
    },
  },
];
