import { parentPort, workerData } from 'node:worker_threads';
import { damageSentence, openForReading } from './database.ts';
import type { FromReader, ReaderOptions, ToReader } from './messages.ts';
import { answer } from './queries.ts';

/** The reader thread: queries on a connection of its own, so that a long search never holds up a commit. */

const port = parentPort;
if (!port) throw new Error('reader.ts runs as a worker');

// Given by `openSqliteJournal`.
const { path } = workerData as ReaderOptions;
const db = openForReading(path);

function send(message: FromReader): void {
  port?.postMessage(message);
}

port.on('message', (message: ToReader) => {
  if ('close' in message) {
    db.close();
    port.close();
    return;
  }
  const { id, query } = message;
  try {
    send({ id, answer: answer(db, query) });
  } catch (error) {
    // The query's caller hears of it; the thread goes on with the next.
    const failure = error instanceof Error ? error.message : String(error);
    const damage = damageSentence(path, error);
    send(damage === null ? { id, failure } : { id, damage });
  }
});

send({ opened: true });
