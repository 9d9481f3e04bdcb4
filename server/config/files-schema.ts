import Type from 'typebox';
import { fileExtensions } from '../domain/file-kinds.ts';
import { closed, durationMs, section, text, whole } from './schema-parts.ts';

const largestFile = 1_073_741_824;

/** The limits of customers, by their keys, each as `limit` wants it: with its default, or to be left out. */
const customerLimits = {
  maxFiles: ['Files that a customer may send in one chat. More: 201.', 0, 1000, 3],
  maxFileBytes: ['Bytes of one file. More: 202.', 1, largestFile, 2_097_152],
  maxTotalBytes: ['Bytes of all files of a customer in one chat. More: 202.', 1, largestFile, 5_242_880],
  maxDownloads: [
    'How often a customer may download files of one chat (`download-attempts`). Not counted once the chat is closed.',
    0,
    1_000_000,
    50,
  ],
} as const;
type LimitKey = keyof typeof customerLimits;

const needAgent = 'Whether a customer can send files only while an agent is there (`upload-need-agent`).';
const deleteGivesBack = 'Whether deleting a file makes room for another (`delete-file`).';
const typesDescription = 'The extensions of files that are taken. The content must agree with them.';
const types = Type.Enum([...fileExtensions]);

const defaultTypes = [
  ...(['jpg', 'jpeg', 'png', 'gif', 'webp', 'heic', 'bmp', 'tif', 'tiff'] as const),
  ...(['pdf', 'txt', 'csv', 'docx', 'xlsx', 'pptx'] as const),
];

function limit(key: LimitKey) {
  const [description, minimum, maximum, byDefault] = customerLimits[key];
  return whole(minimum, maximum, { description, default: byDefault });
}

function ownLimit(key: LimitKey) {
  const [description, minimum, maximum] = customerLimits[key];
  return Type.Optional(whole(minimum, maximum, { description }));
}

/** Files in chats (gms-customer-api §10). */
export const files = Type.Object(
  {
    maxFiles: limit('maxFiles'),
    maxFileBytes: limit('maxFileBytes'),
    maxTotalBytes: limit('maxTotalBytes'),
    maxDownloads: limit('maxDownloads'),
    needAgent: Type.Boolean({ description: needAgent, default: false }),
    deleteGivesBack: Type.Boolean({ description: deleteGivesBack, default: true }),
    types: Type.Array(types, { description: typesDescription, uniqueItems: true, default: defaultTypes }),
    agentMaxFiles: whole(0, 10_000, {
      description: 'Files that the agents of one chat may send. More: refused.',
      default: 50,
    }),
    agentMaxFileBytes: whole(1, largestFile, {
      description: 'Bytes of one file of an agent. More: 413.',
      default: 10_485_760,
    }),
    parallelUploads: whole(1, 10_000, {
      description: 'Uploads at the same time, of customers and agents. One more is refused as unavailable.',
      default: 100,
    }),
    uploadIdleMs: durationMs(
      { description: 'How long nothing may come of an upload. Longer: refused.', default: 10_000 },
      100,
    ),
    minUploadBytesPerSecond: whole(1, largestFile, {
      description:
        'How fast an upload must come, on the whole, when it takes longer than `limits.requestTimeoutMs`. Slower: refused.',
      default: 8192,
    }),
    clamd: Type.Union(
      [
        text(300, {
          description: 'An address.',
          pattern: '^([^\\s:/]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$',
          title: 'host:port',
        }),
        Type.Null(),
      ],
      {
        description: 'The `host:port` of a clamd that every file is shown to; null: no virus check.',
        default: null,
      },
    ),
    clamdTimeoutMs: durationMs({ description: 'How long its answer may take.', default: 10_000 }, 1),
    whenClamdIsDown: Type.Enum(['Refuse', 'Accept'], {
      description: 'What becomes of a file that it could not check: refused as unavailable, or taken.',
      default: 'Refuse',
    }),
  },
  { ...section, description: 'Files that customers and agents send each other.' },
);

/** What a service can say otherwise for its customers. */
export const serviceFiles = Type.Union(
  [
    Type.Object(
      {
        maxFiles: ownLimit('maxFiles'),
        maxFileBytes: ownLimit('maxFileBytes'),
        maxTotalBytes: ownLimit('maxTotalBytes'),
        maxDownloads: ownLimit('maxDownloads'),
        needAgent: Type.Optional(Type.Boolean({ description: needAgent })),
        deleteGivesBack: Type.Optional(Type.Boolean({ description: deleteGivesBack })),
        types: Type.Optional(Type.Array(types, { description: typesDescription, uniqueItems: true })),
      },
      closed,
    ),
    Type.Null(),
  ],
  { description: 'Limits of files that differ from `files`; null: none.', default: null },
);
