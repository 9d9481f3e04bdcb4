import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { parseParameters } from '../parameters.ts';
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
  },
  { title: 'CustomerAuth' },
);
export type CustomerAuth = Type.Static<typeof CustomerAuth>;

/** What a customer publishes; the fields are those of the operation's form (gms-customer-api §6.3). */
export const CustomerPublish = Type.Object(
  {
    operation: Type.Enum(Object.keys(customerOperations) as CustomerOperationName[]),
    auth: Type.Optional(CustomerAuth),
  },
  { title: 'CustomerPublish', additionalProperties: true },
);

/** A published operation, its fields read. */
export type PublishedOperation = {
  [Name in CustomerOperationName]: {
    readonly operation: Name;
    readonly form: CustomerForm<(typeof customerOperations)[Name]>;
  };
}[CustomerOperationName];

/** Reads what was published; `UnknownOperation` for a name that is not among the operations. */
export function parseCustomerPublish(
  published: unknown,
): (PublishedOperation & { readonly auth: CustomerAuth }) | Refusal {
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
  // The form is that of the operation, which TypeScript cannot follow through the table.
  return { operation, form, auth } as PublishedOperation & { readonly auth: CustomerAuth };
}

/** The whole of what is published, by operation, for the documents. */
export function publishSchema(operation: CustomerOperationName): Type.TObject {
  const { properties } = customerForms[customerOperations[operation]] as Type.TObject;
  return Type.Object(
    { operation: Type.Literal(operation), auth: Type.Optional(CustomerAuth), ...properties },
    { title: `customer.${operation}` },
  );
}
