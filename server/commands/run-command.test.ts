import { describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { runCommand } from './run-command.ts';

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const print = (text: string): void => void out.push(text);
  const printError = (text: string): void => void err.push(text);
  const exitCode = await runCommand({ args, env: {}, print, printError });
  return { exitCode, out: out.join(''), err: err.join('') };
}

describe('the command line', () => {
  it.each(['help', '--help', '-h'])('lists every command for %s', async (word) => {
    const { exitCode, out, err } = await run(word);
    expect([exitCode, err]).toEqual([0, '']);
    for (const { name, summary } of commandTable)
      expect(out).toMatch(new RegExp(`^  parley ${name}\\b.*  ${summary}$`, 'm'));
  });

  it('says its version', async () => {
    expect(await run('--version')).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('suggests the command that was probably meant', async () => {
    expect(await run('strat')).toEqual({
      exitCode: 2,
      out: '',
      err: 'There is no command "strat"; did you mean "start"?\n',
    });
    expect(await run('x'.repeat(1000))).toMatchObject({
      exitCode: 2,
      err: `There is no command "${'x'.repeat(60)}"; "parley help" lists all.\n`,
    });
  });

  it('shows the usage of a command that was written wrongly, and on request', async () => {
    const { exitCode, err } = await run('start', 'now');
    expect(exitCode).toBe(2);
    expect(err).toBe(
      'The server takes no arguments, and "now" was given.\nUsage: parley start\n  runs the server\n',
    );
    expect(await run('start', '--help')).toMatchObject({
      exitCode: 0,
      out: 'Usage: parley start\n  runs the server\n',
    });
  });

  it('loads each command', async () => {
    for (const entry of commandTable) expect((await entry.load()).run, entry.name).toBeTypeOf('function');
  });
});
