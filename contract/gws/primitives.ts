import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { refusalHint } from '../parameters.ts';

/** Identifier of a resource. Chats: 16 characters of `[0-9A-Za-z]`; users: 32 hex digits; others: UUID. */
export const Id = Type.String({ description: 'Identifier of the resource.' });

/** Absolute URL of a resource, `externalApiUrl` + path; its last segment is the id (gws-agent-api §10, row 24). */
export const Uri = Type.String({ description: 'Absolute URL of the resource.' });

/** `uri` without the scheme, host and `/api/v2`, and without `/me` for chats (gws-agent-api §1.3). */
export const Path = Type.String({ description: 'The URL without origin and `/api/v2`.' });

/**
 * Local time with a numeric zone, as on the founding page: `2014-01-02T14:23:18.109-0800`. Millisecond precision.
 */
export const Timestamp = Type.String({
  pattern: String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$`,
  description: 'Local time in milliseconds with a numeric zone.',
});

/** Who may see a participant or a message (gws-agent-api §5.5). */
export const Visibility = Type.Enum(['All', 'Agents', 'Supervisors'], { title: 'Visibility' });
export type Visibility = Type.Static<typeof Visibility>;

/** How the text of a message is to be shown (gws-agent-api §4). Absent means `Normal`. */
export const TreatAs = Type.Enum(['Normal', 'System']);
export type TreatAs = Type.Static<typeof TreatAs>;

/** User data on its way out: values are strings, numbers, nulls or objects (gws-agent-api §5.1). */
export const UserData = Type.Record(Type.String(), Type.Unknown(), { title: 'UserData' });

/** The name under which an agent speaks to the customer: at least one character that can be seen. */
export const Nickname = Type.String({
  minLength: 1,
  maxLength: bounds.nicknameLength,
  pattern: String.raw`\S`,
  description: 'The name shown to the other participants.',
  ...refusalHint({
    expectation: `must be a text of 1 to ${bounds.nicknameLength} characters, not only blanks.`,
  }),
});

/** Counts what clients ask for in this node, ever growing; comes back in the notifications it caused (§1.4). */
export const ReferenceId = Type.Integer({ minimum: 0, description: 'Echoes the request that caused this.' });
