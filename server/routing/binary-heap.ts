/** Whether `left` must leave the heap before `right`. A strict total order makes the order of leaving unique. */
export type Before = (left: number, right: number) => boolean;

/** Moves the item at `at` down until nothing below it should leave before it. O(log n). */
export function siftDown(heap: number[], at: number, before: Before): void {
  const item = heap[at];
  if (item === undefined) return;
  let hole = at;
  for (;;) {
    let child = 2 * hole + 1;
    let first = heap[child];
    if (first === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, first)) {
      first = right;
      child += 1;
    }
    if (!before(first, item)) break;
    heap[hole] = first;
    hole = child;
  }
  heap[hole] = item;
}

/** Makes any list of numbers a heap, in place. O(n): far less than sorting when only a few will be taken. */
export function heapify(items: number[], before: Before): void {
  for (let at = (items.length >> 1) - 1; at >= 0; at--) siftDown(items, at, before);
}

/** Takes the first item off the heap, or returns undefined when it is empty. O(log n). */
export function popFirst(heap: number[], before: Before): number | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) {
    heap[0] = last;
    siftDown(heap, 0, before);
  }
  return first;
}

/** Puts an item on the heap. O(log n). */
export function pushItem(heap: number[], item: number, before: Before): void {
  let hole = heap.length;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(item, above)) break;
    heap[hole] = above;
    hole = parent;
  }
  heap[hole] = item;
}
