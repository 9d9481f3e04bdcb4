import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournalEntry } from '@parley/server/journal/journal.ts';
import { SampleChat } from '@parley/server/journal/sample-chat.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import type { BenchOptions, Figures } from './lib/bench-module.ts';
import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { printTable } from './lib/report.ts';
import { median, rounded } from './lib/statistics.ts';

/**
 * How fast the embedded store takes messages, beside the least that SQLite can do: one thread, one connection, one row
 * of JSON a commit, nothing else. Closed loop: so many entries wait for the disk, and each durable one brings the next.
 */

interface Figure {
  readonly rowsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rowsPerCommit: number;
}

type Append = (entry: JournalEntry, onDurable: () => void) => void;

const waitingCounts = [1, 64, 256];

/** Drives `append` with `waiting` chats for some time; one message each is on its way at any moment. */
async function drive(append: Append, waiting: number, durationMs: number): Promise<Figure> {
  const latencies = new LatencySketch();
  const endMs = performance.now() + durationMs;
  const startedMs = performance.now();
  let commits = 0;
  let inCommit = false;
  const countCommit = (): void => {
    if (inCommit) return;
    inCommit = true;
    commits += 1;
    queueMicrotask(() => (inCommit = false));
  };
  const one = (chat: SampleChat): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        if (sentMs >= endMs) {
          resolve();
          return;
        }
        append(message(chat), () => {
          countCommit();
          latencies.add((performance.now() - sentMs) * 1000);
          next();
        });
      };
      next();
    });
  const chats = Array.from({ length: waiting }, (_, number) => new SampleChat(`bench${number}chat000000`));
  for (const chat of chats) await new Promise<void>((resolve) => append(chat.request(), resolve));
  await Promise.all(chats.map(one));
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    rowsPerSecond: latencies.total / seconds,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    rowsPerCommit: latencies.total / commits,
  };
}

/** The next message of the chat, about 300 bytes as stored. The log is let go: the benchmark measures the store. */
function message(chat: SampleChat): JournalEntry {
  chat.events.length = 0;
  return chat.say(
    'A message of about a hundred and twenty characters, which is what people write in a chat, typing with two thumbs.',
  );
}

async function inFolder<Result>(use: (path: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  try {
    return await use(join(folder, 'bench.db'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function measureJournal(waiting: number, durationMs: number): Promise<Figure> {
  return inFolder(async (path) => {
    const journal = await openSqliteJournal({
      path,
      onFatal: (error) => {
        throw error;
      },
    });
    const figure = await drive((entry, onDurable) => journal.append(entry, onDurable), waiting, durationMs);
    await journal.close();
    return figure;
  });
}

/** The limit: the same entries, committed by the thread that makes them. */
function measureBare(waiting: number, durationMs: number): Promise<Figure> {
  return inFolder(async (path) => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000');
    // The log has its size from the start, as the store's has: a log that grows syncs several times slower.
    db.exec('PRAGMA cache_size = 50; BEGIN; CREATE TABLE filler (content BLOB)');
    db.exec('INSERT INTO filler VALUES (zeroblob(33000000)); ROLLBACK; PRAGMA cache_size = -65536');
    db.exec('CREATE TABLE journal (batch_id INTEGER PRIMARY KEY, events TEXT NOT NULL) STRICT');
    const insert = db.prepare('INSERT INTO journal (events) VALUES (?)');
    let pending: { readonly entry: JournalEntry; readonly onDurable: () => void }[] = [];
    let running = true;
    const loop = async (): Promise<void> => {
      while (running || pending.length > 0) {
        const batch = pending;
        pending = [];
        if (batch.length > 0) {
          db.exec('BEGIN IMMEDIATE');
          insert.run(JSON.stringify(batch.flatMap(({ entry }) => entry.events)));
          db.exec('COMMIT');
          for (const { onDurable } of batch) onDurable();
        }
        await nextTurn();
      }
    };
    const looping = loop();
    const figure = await drive((entry, onDurable) => pending.push({ entry, onDurable }), waiting, durationMs);
    running = false;
    await looping;
    db.close();
    return figure;
  });
}

function middle(figures: readonly Figure[]): Figure {
  const of = (name: keyof Figure): number => rounded(median(figures.map((figure) => figure[name])));
  return {
    rowsPerSecond: Math.round(of('rowsPerSecond')),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    rowsPerCommit: of('rowsPerCommit'),
  };
}

/** Prints the table and returns its figures: `{ "64": { journal, bare, ratio }, … }`. */
export async function run(options: BenchOptions): Promise<Figures> {
  const durationMs = options.quick ? 300 : 2_000;
  const repeats = options.quick ? 1 : 5;
  const figures: Figures = {};
  const rows: (string | number)[][] = [];
  for (const waiting of waitingCounts) {
    const journals: Figure[] = [];
    const bares: Figure[] = [];
    // Turn by turn, so that whatever else the machine does falls on both alike.
    for (let round = 0; round < repeats; round++) {
      journals.push(await measureJournal(waiting, durationMs));
      bares.push(await measureBare(waiting, durationMs));
    }
    const [journal, bare] = [middle(journals), middle(bares)];
    const ratio = bare.rowsPerSecond > 0 ? rounded(journal.rowsPerSecond / bare.rowsPerSecond) : 0;
    figures[String(waiting)] = { journal: { ...journal }, bare: { ...bare }, ratio };
    for (const [name, figure] of [
      ['journal', journal],
      ['bare SQLite, one thread', bare],
    ] as const)
      rows.push([waiting, name, figure.rowsPerSecond, figure.p50Ms, figure.p99Ms, figure.rowsPerCommit]);
    rows.push([waiting, 'ratio', ratio, '', '', '']);
  }
  printTable(
    `Durable messages into the store, median of ${repeats} runs of ${durationMs / 1000} s`,
    ['waiting', 'store', 'rows/s', 'p50 ms', 'p99 ms', 'rows a commit'],
    rows,
  );
  return figures;
}
