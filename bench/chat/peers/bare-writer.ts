import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync } from 'node:sqlite';

// The bare server's store: one row for each batch, on disk before it is answered.

const db = new DatabaseSync(workerData as string);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000');
db.exec('CREATE TABLE journal (batch_id INTEGER PRIMARY KEY, events TEXT NOT NULL) STRICT');
const insert = db.prepare('INSERT INTO journal (events) VALUES (?)');

parentPort?.on('message', (events: string) => {
  db.exec('BEGIN IMMEDIATE');
  insert.run(events);
  db.exec('COMMIT');
  parentPort?.postMessage(null);
});
