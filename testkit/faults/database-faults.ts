import type { PrivateServer } from '@parley/server/journal/postgres/private-server.ts';
import { aWhile, type Fault, type FaultStage } from './fault.ts';

function databaseOf({ database }: FaultStage): PrivateServer {
  if (database === undefined) throw new Error('this round has no PostgreSQL');
  return database;
}

const gone = (name: string, mode: 'fast' | 'immediate'): Fault => ({
  name,
  needs: ['postgres'],
  async play(stage) {
    const database = databaseOf(stage);
    database.stop(mode);
    await stage.pause(aWhile(stage));
    database.start();
    if (!stage.host.isRunning) await stage.host.start();
  },
});

/** Of the PostgreSQL under the store. The server waits for it (`database.outageMs`) or ends; then it is started again. */
export const databaseFaults: readonly Fault[] = [
  gone('PostgreSQL restarted', 'fast'),
  gone('PostgreSQL crashes', 'immediate'),
  {
    name: 'PostgreSQL crashes, then kill -9',
    needs: ['postgres'],
    async play(stage) {
      const database = databaseOf(stage);
      database.stop('immediate');
      await stage.host.kill();
      database.start();
      await stage.host.start();
    },
  },
];
