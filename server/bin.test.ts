import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const bin = resolve(import.meta.dirname, 'bin.js');

/** Runs the launcher in a Node that says it is another. */
function runAs(version: string) {
  const disguise = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    Object.defineProperty(process, 'version', { value: 'v${version}' });`;
  const preload = `data:text/javascript,${encodeURIComponent(disguise)}`;
  return spawnSync(process.execPath, ['--import', preload, bin], {
    encoding: 'utf8',
    // A bad configuration ends the right Node before it opens anything.
    env: { PATH: '', PARLEY_PORT: 'no port' },
  });
}

describe('the launcher', () => {
  it.each(['18.20.8', '20.20.2', '24.9.0'])('tells Node %s in one sentence what is needed', (version) => {
    const { status, stdout, stderr } = runAs(version);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `Parley needs Node 26 or newer and this is v${version}; "npm ci" and "npm start" install and use the right one.\n`,
    );
  });

  it('goes on to the server in the right one', () => {
    const { status, stderr } = runAs(process.versions.node);
    expect(stderr).toContain('PARLEY_PORT: found "no port"');
    expect(status).toBe(78);
  });

  it('imports the server only after that, for older Nodes cannot read it', () => {
    const source = readFileSync(bin, 'utf8');
    expect(source).not.toMatch(/^\s*import\s[^(]/m);
    expect(source).not.toMatch(/\bawait\b|\?\.|\?\?|`/);
  });
});
