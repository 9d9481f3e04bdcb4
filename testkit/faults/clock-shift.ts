import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before a server (`node --import file:…/clock-shift.ts?shift=PATH`), lets its wall clock jump: at SIGUSR2 it
 * shows so many milliseconds more than the machine's as PATH says. Clocks that only go forward stay as they are.
 */
const path = new URL(import.meta.url).searchParams.get('shift');
const machineDate = Date;
const machineNow = Date.now;
let shiftMs = 0;

function read(): void {
  try {
    if (path !== null) shiftMs = Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    shiftMs = 0;
  }
}

if (isMainThread) {
  read();
  process.on('SIGUSR2', read);
  Date.now = () => machineNow() + shiftMs;
  globalThis.Date = new Proxy(machineDate, {
    construct: (target, args: number[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [machineNow() + shiftMs] : args, newTarget) as object,
  });
}
