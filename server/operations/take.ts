import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';
import { isDiskFull } from '../domain/disk-full.ts';
import { JournalError, type JournalErrorCode } from '../journal/journal-error.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { appendTo } from './keyed-request.ts';

const full = 'Nothing can be stored at present. Try again later.';
/** What is said when the store takes no change now, and when it has too much to do with anything. */
const changeRefusals: Partial<Record<JournalErrorCode, string>> = {
  overloaded: 'Too many changes are waiting for the disk. Try again.',
  full,
};
const storeRefusals: Partial<Record<JournalErrorCode, string>> = {
  overloaded: 'The store has too much to do. Try again.',
  full,
};

/**
 * Appends the entry, or refuses Unavailable when too much waits for the disk or there is no room on it: then nothing was
 * changed, and the caller must not count the entry either. Throws `JournalError` when the store is closed or has failed.
 */
export function take(journal: Journal, entry: JournalEntry, onDurable: () => void): Refusal | null {
  try {
    appendTo(journal, entry, onDurable);
    return null;
  } catch (error) {
    const refused = error instanceof JournalError ? changeRefusals[error.code] : undefined;
    if (refused !== undefined) return refuse('Unavailable', refused);
    throw error;
  }
}

/**
 * What is answered for an error: that the store has too much to do, when it says so; else an internal error, of which
 * `onError` hears.
 */
export function refusalOfError(error: unknown, onError: (error: unknown) => void): Refusal {
  const busy = refusalOfBusyStore(error);
  if (!busy) onError(error);
  return busy ?? refuse('Internal');
}

/** The refusal for an error that says the store has too much to do, with reads too, or no room; null for every other error. */
export function refusalOfBusyStore(error: unknown): Refusal | null {
  const refused = error instanceof JournalError ? storeRefusals[error.code] : undefined;
  return refused === undefined ? null : refuse('Unavailable', refused);
}

/** Does something on the disk of files; Unavailable when there is no room for it. */
export async function withRoom(work: () => Promise<void>): Promise<Refusal | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (isDiskFull(error)) return refuse('Unavailable', 'There is no room for files now; try again later.');
    throw error;
  }
}

/** Whether the store could not take it now. */
export function isUnavailable(outcome: object | null): boolean {
  return outcome !== null && isRefusal(outcome) && outcome.refused === 'Unavailable';
}

/** How long to wait before something that the store could not take is tried again. */
export const retryMs = 1000;

/**
 * For what nobody would ask for again, such as a time-out: tries until the store takes it, once a `retryMs`. Resolves
 * with the first outcome other than Unavailable. `attempt` decides anew each time, so what has been overtaken by then
 * is refused and not done.
 */
export async function untilTaken<Done extends object | null>(
  clock: Clock,
  attempt: () => Promise<Done | Refusal>,
): Promise<Done | Refusal> {
  for (;;) {
    const outcome = await attempt();
    if (!isUnavailable(outcome)) return outcome;
    await new Promise<void>((resolve) => void clock.setTimer(clock.now() + retryMs, resolve));
  }
}
