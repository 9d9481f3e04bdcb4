import type { SetUpGroup } from '@parley/contract/gws/set-up.ts';
import { idOfName } from './name-id.ts';
import type { WireFormat } from './wire-format.ts';

/** A tree of groups and what is in them; made from items that each name their place, such as `Sales/Won`. */
export interface GroupNode<Item> {
  readonly id: string;
  readonly name: string;
  readonly isRoot: boolean;
  readonly groups: GroupNode<Item>[];
  readonly items: Item[];
}

/** The kinds of tree: the type on the wire, the first character of ids, and the name of the root. */
export const treeKinds = {
  dispositions: { prefix: '1', root: 'Dispositions' },
  'response-templates': { prefix: '3', root: 'Standard responses' },
} as const;
export type TreeType = keyof typeof treeKinds;

/** Builds the tree; an item whose place is null stands in the root. */
export function groupTree<Item>(
  type: TreeType,
  items: Iterable<Item>,
  placeOf: (item: Item) => string | null,
): GroupNode<Item> {
  const { prefix, root: rootName } = treeKinds[type];
  const node = (path: string, name: string): GroupNode<Item> => ({
    id: `${prefix}-${idOfName(`${type}:${path}`)}`,
    name,
    isRoot: path === '',
    groups: [],
    items: [],
  });
  const root = node('', rootName);
  const byPath = new Map([['', root]]);
  for (const item of items) {
    let at = root;
    let path = '';
    for (const name of placeOf(item)?.split('/') ?? []) {
      path += `/${name}`;
      let next = byPath.get(path);
      if (!next) {
        next = node(path, name);
        byPath.set(path, next);
        at.groups.push(next);
      }
      at = next;
    }
    at.items.push(item);
  }
  return root;
}

/** The node of this id, or null. */
export function findNode<Item>(node: GroupNode<Item>, id: string): GroupNode<Item> | null {
  if (node.id === id) return node;
  for (const inner of node.groups) {
    const found = findNode(inner, id);
    if (found) return found;
  }
  return null;
}

export interface GroupViewOptions<Item> {
  readonly type: TreeType;
  readonly wire: WireFormat;
  /** How many levels of what it contains come along. */
  readonly depth: number;
  readonly itemView: (item: Item) => object;
}

/** A group on the wire (gws-agent-api §8.3). */
export function groupView<Item>(node: GroupNode<Item>, options: GroupViewOptions<Item>): SetUpGroup {
  const { type, wire, depth, itemView } = options;
  const path = `/groups/${node.id}`;
  const items = node.items.map((item) => itemView(item));
  const held =
    type === 'dispositions'
      ? { dispositions: items as SetUpGroup['dispositions'] }
      : { responseTemplates: items };
  return {
    id: node.id,
    name: node.name,
    type,
    contains: [type === 'dispositions' ? 'dispositions' : 'responseTemplates'],
    defaultGroup: node.isRoot,
    uri: wire.uri(path),
    path,
    ...(depth > 0
      ? {
          groups: node.groups.map((one) => groupView(one, { ...options, depth: depth - 1 })),
          ...(held as object),
        }
      : {}),
  };
}
