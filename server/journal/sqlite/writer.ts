import { parentPort, workerData } from 'node:worker_threads';
import { JournalError } from '../journal-error.ts';
import { BatchWriter } from './batch-writer.ts';
import { damageSentence, explained, limitGrowth, lockStore, openForWriting } from './database.ts';
import { lacksRoom, noRoomSentence } from './disk-room.ts';
import { Housekeeping } from './housekeeping.ts';
import type { FromWriter, ToWriter, WriterOptions } from './messages.ts';

/** The writer thread: the one connection that writes, and the lock that keeps others away. */

const port = parentPort;
if (!port) throw new Error('writer.ts runs as a worker');

// Given by `openSqliteJournal`.
const { path, limits, faults } = workerData as WriterOptions;

function send(message: FromWriter): void {
  port?.postMessage(message);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function start(): void {
  const lock = lockStore(path);
  const db = openForWriting(path, { logPages: limits.maxWalPages, faults });
  const batches = new BatchWriter(db);
  const housekeeping = new Housekeeping(db, { path, limits, onError: fail });
  /** The last commit found no room; the next is the same one. */
  let isFull = false;

  /**
   * After a failed commit the pages in memory cannot be trusted: nothing is committed any more, and nothing retried. When
   * the process ends, SQLite may still move into the database what was synced before. Not so when there was no room: then a
   * write was refused before anything was to be synced, and SQLite has taken all of it back (docs/adr/0017).
   */
  function fail(error: unknown): void {
    housekeeping.stop();
    port?.removeAllListeners('message');
    port?.on('message', (message: ToWriter) => {
      if (message.type === 'close') process.exit();
    });
    const sentence = damageSentence(path, error) ?? `${path} could not be written: ${sentenceOf(error)}.`;
    send({ type: 'failed', sentence });
  }

  port?.on('message', (message: ToWriter) => {
    if (message.type === 'close') {
      housekeeping.close();
      db.close();
      lock.close();
      send({ type: 'closed' });
      port?.close();
      return;
    }
    if (faults.gate) Atomics.wait(new Int32Array(faults.gate), 0, 1);
    limitGrowth(db, faults);
    try {
      if (isFull) housekeeping.makeRoom();
      if (batches.write(message.batch)) housekeeping.forgetSoon();
      isFull = false;
    } catch (error) {
      isFull = lacksRoom(path, error);
      if (isFull) send({ type: 'full', sentence: noRoomSentence(path) });
      else fail(error);
      return;
    }
    send({ type: 'committed' });
    housekeeping.afterCommit(message.batch.events.length);
  });
}

try {
  explained(path, start);
  send({ type: 'opened' });
} catch (error) {
  if (!(error instanceof JournalError)) throw error;
  send({ type: 'refused', sentence: error.message });
  port.close();
}
