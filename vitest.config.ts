import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'data/**', '.stryker-tmp/**'],
    pool: 'forks',
    // Many tests wait for sockets and disks: a worker more than the default of one core less is well used.
    maxWorkers: '100%',
    // Where a server keeps its compiled code too: for the threads of the servers in a box, and for what tests run by themselves.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
