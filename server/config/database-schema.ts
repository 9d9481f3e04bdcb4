import Type from 'typebox';
import { durationMs, section, text, whole } from './schema-parts.ts';

/** What the URL of a database looks like; also of `PARLEY_DATABASE_URL`. */
export const databaseUrlPattern = '^postgres(ql)?://[^\\s]+$';

export const database = Type.Object(
  {
    url: Type.Union(
      [
        text(2000, {
          description: 'A URL.',
          pattern: databaseUrlPattern,
          title: 'a URL such as postgres://parley:password@db.example.com:5432/parley',
        }),
        Type.Null(),
      ],
      {
        description: 'The PostgreSQL database in which chats are kept; null: a file in `dataFolder`.',
        default: null,
        writeOnly: true,
      },
    ),
    readConnections: whole(1, 100, {
      description: 'Connections that read. One more writes.',
      default: 4,
    }),
    maxWaitingReads: whole(1, 100_000, {
      description: 'Queries that run or wait for a connection. Further ones are refused as unavailable.',
      default: 1024,
    }),
    readTimeoutMs: durationMs(
      {
        description: 'A query that takes longer is cancelled; one that gets no answer is refused.',
        default: 10_000,
      },
      100,
    ),
    commitTimeoutMs: durationMs(
      {
        description: 'A commit without an answer for so long is looked for on a new connection.',
        default: 10_000,
      },
      100,
    ),
    connectTimeoutMs: durationMs(
      { description: 'How long one attempt to connect may take.', default: 5000 },
      100,
    ),
    startTimeoutMs: durationMs({
      description: 'How long the start waits for a database server that does not answer.',
      default: 10_000,
    }),
    outageMs: durationMs({
      description: 'How long a lost connection is tried for again. Then the server ends.',
      default: 30_000,
    }),
  },
  { ...section, description: 'PostgreSQL in place of the embedded store; docs/postgresql.md.' },
);
