import { aWhile, type Fault } from './fault.ts';

const longestDelayMs = 400;

/** Right after a freeze, which the server takes for an overload, all customers wait out the 5 s of its `Retry-After`. */
const repeatedWithinMs = 30_000;

/** Requests that may come twice: they read, they say with which answer they go on, or they carry a key for it. */
const mayComeTwice = /^POST \S*(\/refresh |\/cometd|\/notifications)|\r\nidempotency-key:/i;
/** A batch of Bayeux that changes more than the connection, or a request that is not whole. */
const mustNot = /"channel":"(?!\/meta\/connect)/;

function isWhole(request: string): boolean {
  const head = request.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(request)?.[1];
  return head > 0 && length !== undefined && request.length === head + 4 + Number(length);
}

/** Of the connections between clients and server. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'all connections cut',
    needs: [],
    async play({ proxy, pause, random }) {
      for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
        proxy.cut();
        await pause(random() * 300);
      }
    },
  },
  {
    name: 'server not reachable',
    needs: [],
    async play(stage) {
      stage.proxy.block();
      await stage.pause(aWhile(stage));
      stage.proxy.unblock();
    },
  },
  {
    name: 'half-open connections',
    needs: [],
    async play(stage) {
      stage.proxy.stall();
      await stage.pause(aWhile(stage));
      stage.proxy.cut();
      stage.proxy.unstall();
    },
  },
  {
    name: 'answers lost',
    needs: [],
    async play(stage) {
      for (let left = 10; left > 0; left -= 1) {
        stage.proxy.swallow(3);
        await stage.pause(aWhile(stage) / 10);
      }
    },
  },
  {
    name: 'everything late',
    needs: [],
    async play(stage) {
      stage.proxy.delay(() => stage.random() * longestDelayMs);
      await stage.pause(aWhile(stage));
      stage.proxy.delay(() => 0);
    },
  },
  {
    name: 'requests come twice',
    needs: [],
    async play(stage) {
      const { proxy } = stage;
      proxy.repeat((request) => mayComeTwice.test(request) && !mustNot.test(request) && isWhole(request));
      await stage.pause(aWhile(stage));
      for (
        const untilMs = performance.now() + repeatedWithinMs;
        proxy.repeated === 0 && performance.now() < untilMs;
      )
        await stage.pause(20);
      proxy.repeat(undefined);
      if (proxy.repeated === 0) throw new Error('no request came that could be repeated');
    },
  },
];
