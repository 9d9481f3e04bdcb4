import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as doors from './byte-doors.ts';
import { LongestStretch } from './longest-stretch.ts';

// Valid inputs, changed in a few bytes, at every door that reads bytes: with the messages of `conformance/bayeux` and the
// requests of `hostile.test.ts` they are more than 200,000. PARLEY_HOSTILE_SEED plays one run again, PARLEY_HOSTILE_TIMES=10 a longer one.

const seed = Number(process.env['PARLEY_HOSTILE_SEED'] ?? Date.now() % 1_000_000);
const times = Number(process.env['PARLEY_HOSTILE_TIMES'] ?? 1);
/** Of one input: processor time, in which the event loop does nothing else. */
const longestMs = 50;
/** What is compiled and loaded at its first use is not measured. */
const warmUp = 0.1;
/** Of what a heap may keep of tens of thousands of inputs. */
const growthBytes = 16 * 1024 * 1024;
const residentBytes = 128 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memory(): NodeJS.MemoryUsage {
  for (let round = 0; round < 3; round += 1) collect();
  return process.memoryUsage();
}

test.each([
  ['the whole server', 20_000, doors.wholeServer],
  ['bodies of the push engine', 30_000, doors.pushBodies],
  ['frames of the push engine', 20_000, doors.pushFrames],
  ['multipart forms', 20_000, doors.multipartForms],
  ["customers' forms", 20_000, doors.customerForms],
] as const)(
  '%s: %i inputs of changed bytes do no harm',
  { timeout: 240_000 * times },
  async (name, count, open) => {
    const random = seededRandom(seed);
    const door = await open();
    const stretch = new LongestStretch();
    const problems: string[] = [];
    const inputs = count * times;
    let before = memory();
    const startedUs = process.cpuUsage().user;
    for (let number = 0; number < inputs && problems.length < 10; number += 1) {
      const isWarm = number >= count * warmUp;
      if (number === count * warmUp) before = memory();
      const input = door.next(random);
      const work = async (): Promise<void> => {
        const problem = await door.take(input);
        if (problem !== null) problems.push(`${problem}\n    after ${told(input)}`);
      };
      await (isWarm ? stretch.of(() => told(input), work) : work());
    }
    problems.push(...(await door.problems()).slice(0, 10));
    const after = memory();
    const cpuMs = Math.round((process.cpuUsage().user - startedUs) / 1000);
    const grown = { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss };
    console.log(
      `${name}: seed ${seed}, ${cpuMs} ms, longest ${stretch.longestMs} ms, ${JSON.stringify(grown)}`,
    );
    expect(problems.join('\n')).toBe('');
    expect(stretch.longestMs, stretch.what).toBeLessThan(longestMs);
    expect(grown.heap).toBeLessThan(growthBytes);
    expect(grown.rss).toBeLessThan(residentBytes);
  },
);

function told(input: Buffer): string {
  return JSON.stringify(input.toString('latin1').slice(0, 600));
}

test('an input that keeps the event loop busy is seen, and one that only waits is not', async () => {
  const stretch = new LongestStretch();
  await stretch.of(
    () => 'waits',
    () => new Promise((resolve) => setTimeout(resolve, 2 * longestMs)),
  );
  expect(stretch.longestMs).toBeLessThan(longestMs);
  const untilUs = process.threadCpuUsage().user + 1.5 * longestMs * 1000;
  await stretch.of(
    () => 'works',
    () => {
      while (process.threadCpuUsage().user < untilUs) continue;
    },
  );
  expect(stretch.longestMs).toBeGreaterThan(longestMs);
  expect(stretch.what).toBe('works');
});
