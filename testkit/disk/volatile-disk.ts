import { basename } from 'node:path';
import type { Random } from '@parley/server/routing/seeded-random.ts';
import { integerBetween } from '@parley/server/routing/seeded-random.ts';
import type { DiskChange, DiskStep } from './disk-trace.ts';

/** What of the unsynced changes a loss of power leaves on the disk. */
export const losses = ['dropped', 'subset', 'torn at 512 B', 'torn at 4 KB', 'reordered'] as const;
export type Loss = (typeof losses)[number];

/** A file's contents, under whichever name. */
interface Content {
  stable: Buffer;
}

type Write = Extract<DiskChange, { readonly type: 'write' }>;

/** A change that no sync has covered. */
type Pending =
  | { readonly change: Write | Extract<DiskChange, { readonly type: 'truncate' }>; readonly content: Content }
  | {
      readonly change: Extract<DiskChange, { readonly type: 'create' | 'remove' }>;
      readonly content: Content;
    };

/**
 * A disk with a volatile cache, as POSIX allows it: what was written is safe once a sync of the file has ended that began
 * later, and a name once the folder was synced. It plays a trace and tells what may be left after a loss of power.
 */
export class VolatileDisk {
  readonly #stableNames = new Map<string, Content>();
  /** As the process sees it. */
  readonly #names = new Map<string, Content>();
  readonly #syncs = new Map<string, ReadonlySet<Pending>>();
  #pending: readonly Pending[] = [];
  /** Pending ones that no sync can save any more. The process sees them as if nothing had happened. */
  readonly #dropped = new Set<Pending>();

  /** How many changes a loss of power could take. */
  get unsynced(): number {
    return this.#pending.length;
  }

  play(step: DiskStep): void {
    switch (step.type) {
      case 'create':
        if (this.#names.has(step.path)) return;
        this.#names.set(step.path, { stable: Buffer.alloc(0) });
        break;
      case 'sync begins':
        this.#syncs.set(
          step.thread,
          new Set(
            this.#pending.filter((one) => !this.#dropped.has(one) && isCovered(one, step.path, this.#names)),
          ),
        );
        return;
      case 'sync ends':
        this.#settle(this.#syncs.get(step.thread) ?? new Set());
        return;
      case 'sync fails':
        for (const one of this.#syncs.get(step.thread) ?? []) this.#dropped.add(one);
        return;
      case 'acknowledge':
        return;
    }
    const content = this.#names.get(step.path);
    if (!content) throw new Error(`${step.path} was never made`);
    this.#pending = [...this.#pending, { change: step, content } as Pending];
    if (step.type === 'remove') this.#names.delete(step.path);
  }

  /** The files that are left, by name. */
  afterLoss(loss: Loss, random: Random): ReadonlyMap<string, Buffer> {
    const left = this.#pending.filter((one) => !this.#dropped.has(one));
    return this.#files(kept(left, loss, random));
  }

  /** The files as the process sees them, if no sync has failed. */
  files(): ReadonlyMap<string, Buffer> {
    return this.#files(this.#pending);
  }

  #settle(covered: ReadonlySet<Pending>): void {
    const settled = this.#pending.filter((one) => covered.has(one));
    this.#pending = this.#pending.filter((one) => !covered.has(one));
    for (const one of settled) rename(this.#stableNames, one);
    for (const [content, bytes] of changed(settled)) content.stable = bytes;
  }

  #files(pending: readonly Pending[]): ReadonlyMap<string, Buffer> {
    const names = new Map(this.#stableNames);
    for (const one of pending) rename(names, one);
    const contents = changed(pending);
    return new Map(
      [...names].map(([name, content]) => [basename(name), contents.get(content) ?? content.stable]),
    );
  }
}

function isName({ change }: Pending): boolean {
  return change.type === 'create' || change.type === 'remove';
}

/** A sync of a file covers its content, one of a folder its names. */
function isCovered(one: Pending, path: string, names: ReadonlyMap<string, Content>): boolean {
  if (isName(one)) return one.change.path.startsWith(`${path}/`);
  return one.content === names.get(path);
}

function rename(names: Map<string, Content>, { change, content }: Pending): void {
  if (change.type === 'create') names.set(change.path, content);
  else if (change.type === 'remove') names.delete(change.path);
}

/** The contents that these changes make of what is stable. */
function changed(pending: readonly Pending[]): ReadonlyMap<Content, Buffer> {
  const contents = new Map<Content, Buffer>();
  for (const { change, content } of pending) {
    const before = contents.get(content) ?? content.stable;
    if (change.type === 'write') contents.set(content, overwritten(before, change, !contents.has(content)));
    else if (change.type === 'truncate') contents.set(content, resized(before, change.length));
  }
  return contents;
}

function overwritten(before: Buffer, { offset, bytes }: Write, isShared: boolean): Buffer {
  const length = Math.max(before.length, offset + bytes.length);
  const after = isShared || length > before.length ? resized(before, length) : before;
  bytes.copy(after, offset);
  return after;
}

/** A copy of this length, filled up with zeros. */
function resized(before: Buffer, length: number): Buffer {
  const after = Buffer.alloc(length);
  before.copy(after);
  return after;
}

function kept(pending: readonly Pending[], loss: Loss, random: Random): readonly Pending[] {
  switch (loss) {
    case 'dropped':
      return [];
    case 'subset':
      return pending.filter(() => random() < 0.5);
    case 'torn at 512 B':
      return torn(pending, 512, random);
    case 'torn at 4 KB':
      return torn(pending, 4096, random);
    case 'reordered':
      return reordered(pending, random);
  }
}

/** Everything is left but the last write, of which some of the first blocks are. */
function torn(pending: readonly Pending[], blockBytes: number, random: Random): readonly Pending[] {
  const at = pending.findLastIndex(({ change }) => change.type === 'write');
  const last = pending[at];
  if (last?.change.type !== 'write') return pending;
  const { offset, bytes } = last.change;
  // Blocks are those of the disk: the first one may be shorter.
  const ends = [offset];
  for (
    let end = (Math.floor(offset / blockBytes) + 1) * blockBytes;
    end < offset + bytes.length;
    end += blockBytes
  )
    ends.push(end);
  const end = ends[integerBetween(random, 0, ends.length - 1)] ?? offset;
  const change = { ...last.change, bytes: bytes.subarray(0, end - offset) };
  return [...pending.slice(0, at), { change, content: last.content }, ...pending.slice(at + 1)];
}

/**
 * Writes reach the disk in any order, and power goes before the last does. Names and lengths stay in their place: file
 * systems keep a journal of them.
 */
function reordered(pending: readonly Pending[], random: Random): readonly Pending[] {
  const order: Pending[] = [];
  let writes: Pending[] = [];
  for (const one of pending) {
    if (one.change.type === 'write') {
      writes.splice(integerBetween(random, 0, writes.length), 0, one);
      continue;
    }
    order.push(...writes, one);
    writes = [];
  }
  order.push(...writes);
  return order.slice(0, integerBetween(random, 0, order.length));
}
