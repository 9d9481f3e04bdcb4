import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStoreSuite } from './file-store-suite.ts';
import { LocalFileStore } from './local-file-store.ts';

fileStoreSuite('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  let written = 0;
  return {
    store: await LocalFileStore.open(folder),
    async write(content) {
      const path = join(folder, `incoming-${(written += 1)}`);
      await writeFile(path, content);
      return path;
    },
    reopen: () => LocalFileStore.open(folder),
    close: () => rm(folder, { recursive: true }),
  };
});
