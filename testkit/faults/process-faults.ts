import { setTimeout as pause } from 'node:timers/promises';
import { pick } from '@parley/server/routing/seeded-random.ts';
import { aWhile, type Fault } from './fault.ts';

const hourMs = 3_600_000;

/** Of the server, the clients and their clocks. */
export const processFaults: readonly Fault[] = [
  {
    name: 'kill -9',
    needs: [],
    async play({ host, pause: wait, random }) {
      await host.kill();
      await wait(random() * 500);
      await host.start();
    },
  },
  {
    name: 'kill -9 while it starts',
    needs: [],
    async play({ host, random }) {
      await host.kill();
      const starting = host.start().catch(() => undefined);
      await Promise.race([pause(random() * 1_000), starting]);
      await host.kill();
      await starting;
      await host.start();
    },
  },
  {
    name: 'freeze (SIGSTOP)',
    needs: [],
    async play(stage) {
      stage.host.signal('SIGSTOP');
      await stage.pause(aWhile(stage));
      stage.host.signal('SIGCONT');
    },
  },
  {
    name: 'freeze, then kill -9',
    needs: [],
    async play(stage) {
      stage.host.signal('SIGSTOP');
      await stage.pause(aWhile(stage) / 2);
      await stage.host.kill();
      await stage.host.start();
    },
  },
  {
    name: 'clock jumps forward',
    needs: [],
    play: ({ host, random }) => host.shiftClock(Math.round(random() * 3 * hourMs)),
  },
  {
    name: 'clock jumps back',
    needs: [],
    play: ({ host, random }) => host.shiftClock(-Math.round(random() * 3 * hourMs)),
  },
  {
    name: 'an agent’s program is killed and started again',
    needs: [],
    play: ({ load, random }) => pick(random, load.agents).restart(),
  },
];
