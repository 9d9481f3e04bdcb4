import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatId, FileId } from '../domain/ids.ts';
import type { FileStore } from './file-store.ts';

export interface StoreUnderTest {
  readonly store: FileStore;
  /** A complete local file with this content, to be kept. */
  write(content: string): Promise<string>;
  /** The same store after the process has ended and another one begun. */
  reopen(): Promise<FileStore>;
  close(): Promise<void>;
}

const chatId = '0000Na9B26EF002X' as ChatId;
const other = '0000Na9B26EF002Y' as ChatId;
const ref = (fileId: string, of = chatId) => ({ chatId: of, fileId: fileId.padEnd(16, '0') as FileId });

/** What every store of files must do. */
export function fileStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let under: StoreUnderTest;
    beforeEach(async () => void (under = await open()));
    afterEach(() => under.close());

    async function read(store: FileStore, of: ReturnType<typeof ref>): Promise<string | null> {
      const found = await store.open(of);
      if (!found) return null;
      const content = await text(found.bytes);
      expect(content).toHaveLength(found.size);
      return content;
    }

    it('gives back what it has kept, and nothing else', async () => {
      await under.store.keep(await under.write('one'), ref('a'));
      expect(await read(under.store, ref('a'))).toBe('one');
      expect(await read(under.store, ref('b'))).toBeNull();
      expect(await read(under.store, ref('a', other))).toBeNull();
      expect(await read(await under.reopen(), ref('a'))).toBe('one');
    });

    it('remembers what was in doubt until it is settled or deleted', async () => {
      await under.store.keep(await under.write('one'), ref('a'));
      await under.store.keep(await under.write('two'), ref('b'));
      await under.store.settle(ref('b'));
      expect(await (await under.reopen()).inDoubt()).toEqual([ref('a')]);
      await under.store.delete(ref('a'));
      expect(await under.store.inDoubt()).toEqual([]);
      await under.store.doubt(ref('b'));
      expect(await (await under.reopen()).inDoubt()).toEqual([ref('b')]);
      expect(await read(under.store, ref('b'))).toBe('two');
    });

    it('does what is done already once more without an error', async () => {
      for (let time = 0; time < 2; time += 1) {
        await under.store.doubt(ref('a'));
        await under.store.settle(ref('a'));
        await under.store.delete(ref('a'));
        await under.store.deleteChat(chatId);
      }
      expect(await read(under.store, ref('a'))).toBeNull();
    });

    it('deletes all files of a chat, those in doubt too, and of no other', async () => {
      await under.store.keep(await under.write('one'), ref('a'));
      await under.store.keep(await under.write('two'), ref('b'));
      await under.store.settle(ref('b'));
      await under.store.keep(await under.write('three'), ref('a', other));
      await under.store.deleteChat(chatId);
      expect(await read(under.store, ref('a'))).toBeNull();
      expect(await read(under.store, ref('b'))).toBeNull();
      expect(await read(under.store, ref('a', other))).toBe('three');
      expect(await under.store.inDoubt()).toEqual([ref('a', other)]);
    });

    it('refuses a reference that is none', async () => {
      for (const bad of ['../../etc/passwd', 'a'.repeat(15), '', '.', 'aaaaaaaaaaaaaaa/']) {
        const of = { chatId, fileId: bad as FileId };
        await expect(under.store.open(of)).rejects.toThrow('malformed');
        await expect(under.store.delete(of)).rejects.toThrow('malformed');
      }
      await expect(under.store.deleteChat('..' as ChatId)).rejects.toThrow('malformed');
    });
  });
}
