import type { PrivateServer } from '@parley/server/journal/postgres/private-server.ts';
import { aWhile, type Fault } from './fault.ts';

/** Of the PostgreSQL under the store. The server waits for it (`database.outageMs`) or ends; then it is started again. */
export function databaseFaults(database: PrivateServer): readonly Fault[] {
  const gone = (name: string, mode: 'fast' | 'immediate'): Fault => ({
    name,
    needs: [],
    async play(stage) {
      database.stop(mode);
      await stage.pause(aWhile(stage));
      database.start();
      if (!stage.host.isRunning) await stage.host.start();
    },
  });
  return [
    gone('PostgreSQL restarted', 'fast'),
    gone('PostgreSQL crashes', 'immediate'),
    {
      name: 'PostgreSQL crashes, then kill -9',
      needs: [],
      async play({ host }) {
        database.stop('immediate');
        await host.kill();
        database.start();
        await host.start();
      },
    },
  ];
}
