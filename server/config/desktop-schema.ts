import Type from 'typebox';
import { closed, displayName, name, text } from './schema-parts.ts';

const prose = (maxLength: number, description: string) =>
  Type.String({ description, maxLength, default: '' });

export const disposition = Type.Object(
  {
    name: name('The name, as it is put on chats. Unique.'),
    displayName: Type.Optional(displayName({ description: 'What desktops show. Default: the name.' })),
    group: Type.Union(
      [
        text(256, {
          description: 'A path of groups.',
          pattern: '^[^/\\u0000-\\u001f\\u007f]+(/[^/\\u0000-\\u001f\\u007f]+)*$',
          title: 'names of groups with "/" between them',
        }),
        Type.Null(),
      ],
      {
        description: 'Where it stands in the hierarchy, such as `Sales/Won`; null: at the top.',
        default: null,
      },
    ),
  },
  closed,
);

export const businessUnit = Type.Object(
  {
    name: name('The name of the unit. Unique.'),
    agents: Type.Union(
      [Type.Array(text(128, { description: 'A user name.' }), { uniqueItems: true }), Type.Null()],
      { description: 'Who belongs to it, by `userName`; null: everybody.', default: null },
    ),
  },
  closed,
);

const attributeValue = Type.Object(
  {
    name: name('The value.'),
    displayName: Type.Optional(displayName({ description: 'What desktops show. Default: the name.' })),
    description: prose(1024, 'What it means.'),
    default: Type.Boolean({ description: 'Whether desktops choose it at first.', default: false }),
  },
  closed,
);

export const businessAttribute = Type.Object(
  {
    name: name('The name of the attribute. Unique.'),
    displayName: Type.Optional(displayName({ description: 'What desktops show. Default: the name.' })),
    description: prose(1024, 'What it means.'),
    values: Type.Array(attributeValue, { description: 'Its values.', maxItems: 1000, default: [] }),
  },
  closed,
);

/** Section → key → value, all text, as desktops read their options (gws-agent-api §2.7). */
export const options = (description: string, byDefault: Record<string, Record<string, string>>) =>
  Type.Record(Type.String(), Type.Record(Type.String(), Type.String({ maxLength: 4096 })), {
    description,
    default: byDefault,
  });

export const standardResponse = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        description: 'The id on the wire. Default: derived from `category`, `name` and `language`.',
        pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
        title: 'a UUID in lower case',
      }),
    ),
    name: name('The name that agents look for.'),
    category: text(256, {
      description: 'The path of its category, such as `Greetings/First contact`.',
      pattern: '^[^/\\u0000-\\u001f\\u007f]+(/[^/\\u0000-\\u001f\\u007f]+)*$',
      title: 'names of categories with "/" between them',
      default: 'General',
    }),
    language: text(64, { description: 'Its language.', default: 'English' }),
    subject: prose(512, 'A subject.'),
    body: Type.String({
      description: 'The text; field codes such as `<$ Customer.FirstName $>` are filled in for each chat.',
      minLength: 1,
      maxLength: 16_384,
    }),
    description: prose(1024, 'For whom and when.'),
    approved: Type.Boolean({ description: 'Whether agents may use it.', default: true }),
  },
  closed,
);

export const directoryEntry = Type.Object(
  {
    name: name('Who or what it is. Unique.'),
    phoneNumber: Type.Optional(text(64, { description: 'A phone number.' })),
    emailAddress: Type.Optional(text(254, { description: 'An e-mail address.' })),
  },
  closed,
);
