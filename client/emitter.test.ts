import { describe, expect, it } from 'vitest';
import { Emitter, iterate, iteratorQueueLimit } from './emitter.ts';

interface Events {
  readonly said: string;
}

function speaker(): {
  emitter: Emitter<Events>;
  said: (signal?: AbortSignal) => AsyncIterableIterator<string>;
} {
  const emitter = new Emitter<Events>();
  return { emitter, said: (signal) => iterate((listener) => emitter.on('said', listener), signal) };
}

describe('Emitter', () => {
  it('tells listeners in order, until they are taken off', () => {
    const { emitter } = speaker();
    const heard: string[] = [];
    const unlisten = emitter.on('said', (text) => heard.push(`first ${text}`));
    emitter.on('said', (text) => heard.push(`second ${text}`));
    emitter.emit('said', 'a');
    unlisten();
    unlisten();
    emitter.emit('said', 'b');
    expect(heard).toEqual(['first a', 'second a', 'second b']);
  });
});

describe('iterate', () => {
  it('yields what came before and while the reader waits, in order', async () => {
    const { emitter, said } = speaker();
    const texts = said();
    emitter.emit('said', 'a');
    emitter.emit('said', 'b');
    expect(await texts.next()).toEqual({ done: false, value: 'a' });
    expect(await texts.next()).toEqual({ done: false, value: 'b' });
    const waiting = texts.next();
    emitter.emit('said', 'c');
    expect(await waiting).toEqual({ done: false, value: 'c' });
  });

  it('ends, with all that had come, when its signal aborts', async () => {
    const { emitter, said } = speaker();
    const aborter = new AbortController();
    const texts = said(aborter.signal);
    emitter.emit('said', 'a');
    aborter.abort();
    emitter.emit('said', 'too late');
    expect(await texts.next()).toEqual({ done: false, value: 'a' });
    expect(await texts.next()).toEqual({ done: true, value: undefined });
  });

  it('ends a reader that waits', async () => {
    const { said } = speaker();
    const aborter = new AbortController();
    const waiting = said(aborter.signal).next();
    aborter.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await said(aborter.signal).next()).toEqual({ done: true, value: undefined });
  });

  it('stops listening when the loop is left', async () => {
    const { emitter, said } = speaker();
    const texts = said();
    emitter.emit('said', 'a');
    for await (const text of texts) {
      expect(text).toBe('a');
      break;
    }
    emitter.emit('said', 'b');
    expect(await texts.next()).toEqual({ done: true, value: undefined });
  });

  it('fails, after all it holds, when more waits than it holds', async () => {
    const { emitter, said } = speaker();
    const texts = said();
    for (let count = 0; count <= iteratorQueueLimit; count++) emitter.emit('said', String(count));
    let read = 0;
    await expect(async () => {
      for await (const _ of texts) read += 1;
    }).rejects.toThrow(`more than ${iteratorQueueLimit} events`);
    expect(read).toBe(iteratorQueueLimit);
  });
});
