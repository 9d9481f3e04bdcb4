import type { FastifyBaseLogger } from 'fastify';
import type { Refusal } from '@parley/contract/refusals.ts';
import type { LoginSession, LoginSessionsOptions } from './auth/login-sessions.ts';
import type { Clock } from './clock.ts';
import type { Journal, TableWrite } from './journal/journal.ts';
import { take, untilTaken } from './operations/take.ts';

export interface LoginStoreParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  readonly onEnded: (login: LoginSession) => void;
}

/** Stores what becomes of login sessions. Nobody waits for that. */
export function loginStore({
  journal,
  clock,
  logger,
  onEnded,
}: LoginStoreParts): LoginSessionsOptions['onChange'] {
  const notStored = (err: unknown): false => {
    logger.error({ err }, 'a change of a login session was not stored');
    return false;
  };
  const store = (write: TableWrite): Refusal | null =>
    take(journal, { events: [], writes: [write] }, () => {});
  return ({ kind, row }) => {
    if (kind === 'Ended') {
      // It must not come back after a restart.
      untilTaken(clock, async () => store({ table: 'login_sessions', delete: row.digest })).catch(notStored);
      onEnded(row);
      return true;
    }
    try {
      return store({ table: 'login_sessions', row }) === null;
    } catch (error) {
      return notStored(error);
    }
  };
}
