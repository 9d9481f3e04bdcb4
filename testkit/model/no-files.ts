import type { FileStore } from '@parley/server/files/file-store.ts';
import { UploadGate, type Files } from '@parley/server/files/files.ts';

function missing(): never {
  throw new Error('there are no files in this world');
}

const store: FileStore = {
  keep: missing,
  doubt: missing,
  settle: missing,
  inDoubt: async () => [],
  open: missing,
  delete: missing,
  deleteChat: async () => {},
};

/** For worlds in which nobody sends a file. */
export const noFiles: Files = { store, incoming: { receive: missing }, gate: new UploadGate(0), scan: null };
