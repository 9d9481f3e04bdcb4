import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '../..');

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^@parley\/(\w+)\//, replacement: `${root}/$1/` }] },
  test: {
    include: JSON.parse(process.env['PARLEY_MUTATION_TESTS'] ?? '[]') as string[],
    exclude: ['**/node_modules/**'],
    pool: 'threads',
    isolate: false,
    testTimeout: 20_000,
  },
});
