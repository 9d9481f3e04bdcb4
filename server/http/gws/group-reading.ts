import type { SetUpGroup } from '@parley/contract/gws/set-up.ts';
import type { DispositionConfig, StandardResponseConfig } from '../../config/config.ts';
import { findNode, groupTree, groupView, type GroupNode } from '../../views/group-tree.ts';
import {
  businessUnitsOf,
  businessUnitView,
  dispositionView,
  responseTemplateView,
} from '../../views/set-up-view.ts';
import type { AgentApi } from './agent-api.ts';

type Api = Pick<AgentApi, 'operations' | 'wire'>;

function dispositionTree({ operations }: Api): GroupNode<DispositionConfig> {
  return groupTree('dispositions', operations.setUp.entries('disposition').values(), ({ group }) => group);
}

/** The tree of categories of standard responses; with `approvedOnly`, of those that agents may use. */
export function responseTree(
  { operations }: Api,
  options: { readonly approvedOnly: boolean; readonly language?: string | undefined },
): GroupNode<StandardResponseConfig> {
  const { approvedOnly, language } = options;
  const responses = [...operations.setUp.entries('standard-response').values()].filter(
    (one) => (!approvedOnly || one.approved) && (language === undefined || one.language === language),
  );
  return groupTree('response-templates', responses, ({ category }) => category);
}

function dispositionGroup(api: Api, node: GroupNode<DispositionConfig>, depth: number): SetUpGroup {
  const { wire } = api;
  return groupView(node, {
    type: 'dispositions',
    wire,
    depth,
    itemView: (item) => dispositionView(item, wire),
  });
}

function responseGroup(api: Api, node: GroupNode<StandardResponseConfig>, depth: number): SetUpGroup {
  const { wire } = api;
  const itemView = (item: StandardResponseConfig) => responseTemplateView(item, groupIdOf(api, item), wire);
  return groupView(node, { type: 'response-templates', wire, depth, itemView });
}

/** The id of the category a response stands in. */
export function groupIdOf(_api: Api, { category }: Pick<StandardResponseConfig, 'category'>): string {
  let node = groupTree('response-templates', [category], (path) => path);
  for (let next = node.groups[0]; next; next = node.groups[0]) node = next;
  return node.id;
}

function businessUnitGroups({ operations, wire }: Api, depth: number): SetUpGroup[] {
  const { config, people } = operations;
  return config.businessUnits.map(({ name }) => {
    const view = businessUnitView(name, wire);
    if (depth === 0) return view;
    const users = [...people.values()]
      .filter(({ userName }) => businessUnitsOf(config, userName).includes(name))
      .map(({ agentId, userName }) => ({ id: agentId, userName, uri: wire.uri(`/users/${agentId}`) }));
    return { ...view, users };
  });
}

/** The top groups of a type, or of all types; a type that is not known has none. */
export function groupsOfType(api: Api, type: string | undefined, depth: number): SetUpGroup[] {
  const wanted = (name: string): boolean => type === undefined || type === name;
  return [
    ...(wanted('dispositions') ? [dispositionGroup(api, dispositionTree(api), depth)] : []),
    ...(wanted('BusinessUnit') ? businessUnitGroups(api, depth) : []),
    ...(wanted('response-templates')
      ? [responseGroup(api, responseTree(api, { approvedOnly: true }), depth)]
      : []),
  ];
}

/** Any group by its id. */
export function groupById(api: Api, id: string, depth: number): SetUpGroup | undefined {
  const disposition = findNode(dispositionTree(api), id);
  if (disposition) return dispositionGroup(api, disposition, depth);
  const category = findNode(responseTree(api, { approvedOnly: true }), id);
  if (category) return responseGroup(api, category, depth);
  return businessUnitGroups(api, depth).find((group) => group.id === id);
}
