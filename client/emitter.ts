type Listener<Value> = (value: Value) => void;

/** Takes a listener off again; calling it twice does nothing. */
export type Unlisten = () => void;

/**
 * A typed emitter: `Events` maps the name of an event to what its listeners get. Listeners run in the order in which
 * they were added. One that throws does not keep the others, or the caller of `emit`, from going on: its error is
 * rethrown on its own, where the platform reports uncaught errors.
 */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Unlisten {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<Events[Name]>)(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** How many events an iterator holds for a reader that does not come; the next one ends it with an error. */
export const iteratorQueueLimit = 10_000;

/**
 * The values that `listen` brings, as an async iterator, from the moment of this call on. It ends when the reader
 * leaves the loop, when `signal` aborts, or, with an error, when more than `iteratorQueueLimit` values wait unread.
 */
export function iterate<Value>(
  listen: (listener: Listener<Value>) => Unlisten,
  signal?: AbortSignal,
): AsyncIterableIterator<Value> {
  const unread: Value[] = [];
  let ended: Error | 'done' | undefined;
  let wake: (() => void) | undefined;
  const end = (how: Error | 'done'): void => {
    ended ??= how;
    unlisten();
    signal?.removeEventListener('abort', abort);
    wake?.();
  };
  const abort = (): void => end('done');
  const unlisten = listen((value) => {
    if (unread.length < iteratorQueueLimit) unread.push(value);
    else end(new Error(`more than ${iteratorQueueLimit} events wait unread`));
    wake?.();
  });
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort);

  return {
    async next(): Promise<IteratorResult<Value>> {
      while (unread.length === 0 && !ended) {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
      if (unread.length > 0) return { done: false, value: unread.shift() as Value };
      if (ended instanceof Error) throw ended;
      return { done: true, value: undefined };
    },
    return(): Promise<IteratorResult<Value>> {
      unread.length = 0;
      end('done');
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
