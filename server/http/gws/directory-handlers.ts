import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { subresourceNames, type FullUser, type User } from '@parley/contract/gws/user.ts';
import type { DirectoryContact } from '@parley/contract/gws/set-up.ts';
import { hasFeature } from '../../presence/features.ts';
import { signedOut } from '../../domain/agent.ts';
import { configuredAgent } from '../../operations/people.ts';
import type { UserEntry } from '../../operations/set-up.ts';
import { directoryContacts, matchesNames } from '../../views/directory-view.ts';
import { userView } from '../../views/me-view.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers, AgentRequest } from './agent-routes.ts';
import { collectionReply, filtered } from './collection.ts';
import { pick, readList } from './fields.ts';

type DirectoryHandlers = Pick<AgentHandlers, 'getDirectory' | 'getDirectoryContact' | 'getUsers' | 'getUser'>;

/** The directory that agents choose from, and the users that administrators keep (gws-agent-api §8.1, §8.5). */
export function directoryHandlers(api: AgentApi): DirectoryHandlers {
  const { operations } = api;
  return {
    getDirectory(request) {
      const found = findContacts(api, request);
      return isRefusal(found) ? found : collectionReply('contacts', found, request.query);
    },
    getDirectoryContact({ parameters, query }) {
      const contact = directoryContacts(api).find(
        ({ id, type }) => id === parameters.id && (query.type === undefined || type === query.type),
      );
      if (!contact) return refuse('NotFound', 'There is no such contact.');
      return {
        statusCode: 0,
        contact: pick(contact, query.fields === undefined ? null : readList(query.fields)),
      };
    },
    getUsers({ query }) {
      const users = [...operations.setUp.entries('user').values()].map((user) => wholeUser(api, user));
      const { userName, firstName, lastName, enabled } = query;
      const reply = collectionReply('users', filtered(users, { userName, firstName, lastName, enabled }), {
        ...query,
        ...(query.fields === undefined ? {} : { fields: '*' }),
      });
      if ('uris' in reply) return reply;
      return { ...reply, users: reply.users.map((user) => asAsked(user, query)) };
    },
    getUser({ agent, parameters, query }) {
      const user = operations.setUp.entries('user').get(parameters.userId);
      if (parameters.userId !== agent.agentId && !hasFeature(agent, 'api-provisioning-read'))
        return refuse('NoPermission', 'The user lacks the feature api-provisioning-read.');
      return user
        ? { statusCode: 0, user: asAsked(wholeUser(api, user), query) }
        : refuse('NotFound', 'There is no such user.');
    },
  };
}

function findContacts(
  api: AgentApi,
  { query }: Pick<AgentRequest<'getDirectory'>, 'query'>,
): readonly DirectoryContact[] | Refusal {
  const { name, phoneNumber, channel, type, filterName, filterParameters } = query;
  if (filterName !== undefined && filterName !== 'NamesOrPhoneNumberMatches')
    return refuse('InvalidParameter', `There is no filter "${filterName}".`);
  const types = type === undefined ? null : readList(type);
  return directoryContacts(api).filter((contact) => {
    const { availability, phoneNumbers } = contact;
    const matches = filterName === undefined || matchesNames(contact, filterParameters ?? '');
    const named = name === undefined || matchesNames({ ...contact, phoneNumbers: [] }, name);
    const numbered =
      phoneNumber === undefined || phoneNumbers.some((one) => one.phoneNumber.includes(phoneNumber));
    const reachable = channel === undefined || availability.channels.some((one) => one.channel === channel);
    return matches && named && numbered && reachable && (!types || types.has(contact.type));
  });
}

function wholeUser({ operations, wire, states }: AgentApi, user: UserEntry): FullUser {
  const { roster, config } = operations;
  const agent = roster.has(user.id) ? roster.stateOf(user.id) : signedOut(user.id);
  const view = userView(configuredAgent(user), { agent, chats: [] }, { wire, states, config });
  const { enabled, changePasswordOnFirstLogin } = user;
  return { ...view, enabled, changePasswordOnFirstLogin };
}

const subresources = new Set<string>(subresourceNames);

/** Without `subresources` only the user's own attributes; `fields` picks among those. Chats are read elsewhere. */
function asAsked(
  user: Partial<FullUser>,
  query: { readonly fields?: string | undefined; readonly subresources?: string | undefined },
): User {
  const asked = query.subresources === undefined ? new Set<string>() : readList(query.subresources);
  const own = query.fields === undefined ? null : readList(query.fields);
  const names = Object.keys(user).filter((name) =>
    subresources.has(name) ? name !== 'chats' && (!asked || asked.has(name)) : !own || own.has(name),
  );
  return pick(user, new Set(names));
}
