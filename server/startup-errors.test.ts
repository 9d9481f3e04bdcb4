import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config/problem.ts';
import { JournalError } from './journal/journal-error.ts';
import { ListenRefused } from './listen-policy.ts';
import { explainStartupError } from './startup-errors.ts';

const target = { host: '127.0.0.1', port: 8080, dataFolder: './data' };

/** The error of listening where one cannot. */
async function errorOfListening(port: number, host: string): Promise<unknown> {
  const server = createServer();
  try {
    return await new Promise((resolve, reject) => {
      server.once('error', resolve);
      server.listen(port, host, () => reject(new Error('it listens')));
    });
  } finally {
    server.close();
  }
}

function errorOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

describe('what keeps the server from starting is told in a sentence', () => {
  it('when the port is in use', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    const error = await errorOfListening(port, '127.0.0.1');
    busy.close();
    expect(explainStartupError(error, { ...target, port })).toEqual({
      sentence: `Port ${port} on 127.0.0.1 is in use; stop what uses it or set PARLEY_PORT to another (0 takes any free one).`,
      exitCode: 1,
    });
  });

  it('when the address is not of this machine', async () => {
    const error = await errorOfListening(0, '192.0.2.77');
    expect(explainStartupError(error, { ...target, host: '192.0.2.77' })?.sentence).toBe(
      'This machine has no address 192.0.2.77; set PARLEY_HOST to one it has.',
    );
  });

  it('when the port is for others', () => {
    const sentence = explainStartupError(systemError('EACCES', 'listen'), { ...target, port: 80 })?.sentence;
    expect(sentence).toContain('does not let this user listen on port 80');
  });

  it('when the data folder is a file, or under one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const errors = [errorOf(() => mkdirSync(file)), errorOf(() => mkdirSync(join(file, 'under')))];
    rmSync(folder, { recursive: true });
    expect(errors.map((error) => explainStartupError(error, target)?.sentence)).toEqual([
      'The data folder ./data cannot be used: a file of that name is in the way; set PARLEY_DATA to another.',
      'The data folder ./data cannot be used: a part of the path is not a folder; set PARLEY_DATA to another.',
    ]);
  });

  it.each(['EACCES', 'EROFS', 'ENOSPC'])('when the data folder cannot be written (%s)', (code) => {
    expect(explainStartupError(systemError(code, 'mkdir'), target)).toMatchObject({
      sentence: expect.stringContaining('The data folder ./data cannot be used:'),
      exitCode: 1,
    });
  });

  it('when the store cannot be opened', () => {
    const error = new JournalError('unusable', 'The store is of a newer version.');
    expect(explainStartupError(error)).toEqual({ sentence: 'The store is of a newer version.', exitCode: 1 });
  });

  it('when the configuration is wrong: starting again does not help', () => {
    const error = new ConfigError('The configuration x', ['a: unknown key']);
    expect(explainStartupError(error)).toEqual({
      sentence: 'The configuration x: a: unknown key',
      exitCode: 78,
    });
    expect(explainStartupError(new ListenRefused('No.'))).toEqual({ sentence: 'No.', exitCode: 78 });
  });
});

it.each([
  new TypeError('x is undefined'),
  systemError('EPIPE', 'write'),
  systemError('EACCES', 'connect'),
  'text',
  null,
])('a fault of the program is not explained away: %s', (error) => {
  expect(explainStartupError(error, target)).toBeNull();
});
