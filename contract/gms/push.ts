import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { IdempotencyKey, openingKeyMinLength, parseIdempotencyKey } from '../idempotency.ts';
import { parseParameters, refusalHint } from '../parameters.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';
import { customerForms, parseCustomerForm, type CustomerForm, type CustomerFormName } from './requests.ts';

/** The channel on which the customers of one service publish and are answered (gms-customer-api §6). */
export const customerChannelPrefix = '/service/chatV2/';

/** The operations that are published, by name, and the form whose fields each has (gms-customer-api §6.3). */
export const customerOperations = {
  requestChat: 'requestChat',
  requestNotifications: 'refresh',
  sendMessage: 'send',
  startTyping: 'startTyping',
  stopTyping: 'stopTyping',
  pushUrl: 'pushUrl',
  updateNickname: 'updateNickname',
  updateData: 'updateData',
  customNotice: 'customNotice',
  readReceipt: 'readReceipt',
  disconnect: 'disconnect',
} as const satisfies Record<string, CustomerFormName>;

export type CustomerOperationName = keyof typeof customerOperations;

const text = Type.String({ maxLength: bounds.credentialLength });

/** Credentials of a protected service: two texts, or the base64 of both (gms-customer-api §6.3). */
export const CustomerAuth = Type.Object(
  {
    username: Type.Optional(text),
    password: Type.Optional(text),
    encoded: Type.Optional(Type.String({ maxLength: 2048 })),
    /** As `identityToken` of the form. */
    token: Type.Optional(
      Type.String({ maxLength: bounds.identityTokenLength, ...refusalHint({ tooLong: 'IdentityInvalid' }) }),
    ),
  },
  { title: 'CustomerAuth' },
);
export type CustomerAuth = Type.Static<typeof CustomerAuth>;

/** What a customer publishes; the fields are those of the operation's form (gms-customer-api §6.3). */
export const CustomerPublish = Type.Object(
  {
    operation: Type.Enum(Object.keys(customerOperations) as CustomerOperationName[]),
    auth: Type.Optional(CustomerAuth),
    idempotencyKey: Type.Optional(IdempotencyKey),
  },
  { title: 'CustomerPublish', additionalProperties: true },
);

/** What every publish may carry beside the fields of its operation. */
export interface PublishOptions {
  readonly auth: CustomerAuth;
  /** Ours; the push that answers repeats it. */
  readonly idempotencyKey: string | undefined;
}

/** A published operation, its fields read. */
export type PublishedOperation = {
  [Name in CustomerOperationName]: {
    readonly operation: Name;
    readonly form: CustomerForm<(typeof customerOperations)[Name]>;
  };
}[CustomerOperationName];

/** Reads what was published; `UnknownOperation` for a name that is not among the operations. */
export function parseCustomerPublish(published: unknown): (PublishedOperation & PublishOptions) | Refusal {
  if (typeof published !== 'object' || published === null || Array.isArray(published))
    return refuse('InvalidParameter', 'What is published must be an object.');
  const fields = published as Readonly<Record<string, unknown>>;
  const name = Object.hasOwn(fields, 'operation') ? fields['operation'] : undefined;
  if (typeof name !== 'string' || !Object.hasOwn(customerOperations, name)) return refuse('UnknownOperation');
  const operation = name as CustomerOperationName;
  const form = parseCustomerForm(customerOperations[operation], fields);
  if (isRefusal(form)) return form;
  const given = Object.hasOwn(fields, 'auth') ? fields['auth'] : undefined;
  const isThere = typeof given === 'object' && given !== null;
  const auth = isThere ? parseParameters(CustomerAuth, given as Readonly<Record<string, unknown>>) : {};
  if (isRefusal(auth)) return auth;
  const idempotencyKey = readKey(operation, fields);
  if (isRefusal(idempotencyKey)) return idempotencyKey;
  // The form is that of the operation, which TypeScript cannot follow through the table.
  return { operation, form, auth, idempotencyKey } as PublishedOperation & PublishOptions;
}

function readKey(
  operation: CustomerOperationName,
  fields: Readonly<Record<string, unknown>>,
): string | undefined | Refusal {
  const given = Object.hasOwn(fields, 'idempotencyKey') ? fields['idempotencyKey'] : undefined;
  if (given === undefined || given === null || given === '') return undefined;
  const minLength = operation === 'requestChat' ? openingKeyMinLength : undefined;
  return parseIdempotencyKey(typeof given === 'string' ? given : '', minLength);
}

/** The whole of what is published, by operation, for the documents. */
export function publishSchema(operation: CustomerOperationName): Type.TObject {
  const { properties } = customerForms[customerOperations[operation]] as Type.TObject;
  return Type.Object(
    {
      operation: Type.Literal(operation),
      auth: Type.Optional(CustomerAuth),
      idempotencyKey: Type.Optional(IdempotencyKey),
      ...properties,
    },
    { title: `customer.${operation}` },
  );
}
