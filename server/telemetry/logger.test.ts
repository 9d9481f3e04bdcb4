import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

const secret = 'my card is 4111';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function logged(error: unknown, messageText: boolean): string {
  const lines: string[] = [];
  const logger = createLogger({ level: 'trace', messageText }, { write: (line) => void lines.push(line) });
  logger.error({ err: error }, 'failed');
  return lines.join('');
}

const errors: readonly (readonly [string, unknown])[] = [
  ['JSON that is none', thrownBy(() => JSON.parse(`{"text": ${secret}}`))],
  ['a URL that is none', thrownBy(() => new URL(secret))],
  ['a quoted word', new Error(`no such "${secret}" here`)],
  ['a cause', new Error('outer', { cause: new Error(`'${secret}'`) })],
  ['a property', Object.assign(new Error('failed'), { input: secret, validation: [secret] })],
  ['no error', secret],
];

it.each(errors)('an error with %s is logged without the words', (_name, error) => {
  expect(logged(error, false)).not.toContain('4111');
  if (error instanceof Error) expect(logged(error, false)).toMatch(/"type":"\w*Error".*logger\.test\.ts/);
});

it('says what went wrong when the log may hold what people wrote', () => {
  expect(logged(new Error(`no such "${secret}" here`), true)).toContain(secret);
});

it.skipIf(process.platform !== 'linux')('a full disk under standard error ends nothing', async () => {
  const script = `
    import { createLogger, standardError } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
    const logger = createLogger({ level: 'info', messageText: false }, standardError());
    for (let line = 0; line < 2_000; line += 1) logger.info('a line '.repeat(200));
    process.exit(3);`;
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', full],
  });
  closeSync(full);
  expect(await once(child, 'exit')).toEqual([3, null]);
});
