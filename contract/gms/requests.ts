import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { CountParameter, parseParameters, refusalHint, type Parameters } from '../parameters.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';

const credential = Type.String({ maxLength: bounds.credentialLength });
const name = Type.Optional(Type.String({ maxLength: bounds.nicknameLength }));
const message = Type.String({ maxLength: bounds.textLength, ...refusalHint({ tooLong: 'MessageTooLong' }) });
const messageType = Type.Optional(Type.String({ maxLength: bounds.messageTypeLength }));

const UserDataParameter = Type.Codec(
  Type.Record(
    Type.String(),
    Type.Union([
      Type.String({ maxLength: bounds.userDataValueLength }),
      Type.Number(),
      Type.Boolean(),
      Type.Null(),
    ]),
    {
      maxProperties: bounds.userDataEntries,
      propertyNames: { maxLength: bounds.userDataKeyLength },
      description: 'In forms `userData[key]=value`.',
      ...refusalHint({
        expectation:
          `must hold at most ${bounds.userDataEntries} keys of ${bounds.userDataKeyLength} characters ` +
          `with values of ${bounds.userDataValueLength} characters.`,
      }),
    },
  ),
)
  .Decode((values) => {
    const texts = Object.entries(values).filter(([, value]) => value !== null);
    return Object.fromEntries(texts.map(([key, value]) => [key, String(value)])) as Record<string, string>;
  })
  .Encode((values) => values);

/** What proves the right to the chat; only `secureKey` is asked for since 8.5.112 (gms-customer-api §2). */
const session = {
  secureKey: credential,
  userId: Type.Optional(credential),
  alias: Type.Optional(credential),
  /** In the path over HTTP; over CometD the key names the chat too. */
  chatId: Type.Optional(credential),
  transcriptPosition: Type.Optional(CountParameter),
};

/** Opened in an agent's browser: only what a link may be, and nothing that is hidden in spaces. */
const pushUrl = Type.String({
  maxLength: bounds.uriLength,
  pattern: String.raw`^[hH][tT][tT][pP][sS]?://[^\s\x00-\x20]+$`,
  ...refusalHint({ expectation: 'must be an http or https URL.' }),
});

/**
 * The customer's operations as the fields of their forms (gms-customer-api §2, rows 1 to 15, and §6.3 for `fileOperation`).
 * The keys of rows 2 to 11 are the last segments of the paths. JSON bodies with the same keys are accepted too.
 */
export const customerForms = {
  requestChat: Type.Object({
    nickname: name,
    firstName: name,
    lastName: name,
    subject: Type.Optional(Type.String({ maxLength: bounds.nameLength })),
    emailAddress: Type.Optional(
      Type.String({
        maxLength: bounds.emailLength,
        pattern: String.raw`^[^@\s]+@[^@\s]+$`,
        ...refusalHint({ code: 'EmailInvalid', expectation: 'must be an e-mail address.' }),
      }),
    ),
    userData: Type.Optional(UserDataParameter),
    text: Type.Optional(message),
    messageType,
    identityToken: Type.Optional(
      Type.String({
        maxLength: bounds.identityTokenLength,
        description: 'A signed statement of who the customer is (JWT), when the service reads them.',
        ...refusalHint({ tooLong: 'IdentityInvalid' }),
      }),
    ),
  }),
  send: Type.Object({ ...session, message, messageType }),
  refresh: Type.Object(session),
  startTyping: Type.Object({ ...session, message: Type.Optional(message) }),
  stopTyping: Type.Object({ ...session, message: Type.Optional(message) }),
  disconnect: Type.Object(session),
  updateNickname: Type.Object({ ...session, nickname: Type.String({ maxLength: bounds.nicknameLength }) }),
  pushUrl: Type.Object({ ...session, pushUrl }),
  customNotice: Type.Object({ ...session, message, messageType }),
  updateData: Type.Object({ ...session, userData: UserDataParameter }),
  readReceipt: Type.Object({ ...session, transcriptPosition: CountParameter }),
  fileLimits: Type.Object(session),
  fileDelete: Type.Object(session),
  fileDownload: Type.Object(session),
  fileUpload: Type.Object({
    ...session,
    userData: Type.Optional(UserDataParameter),
    message: Type.Optional(message),
  }),
  fileOperation: Type.Object({
    ...session,
    operation: Type.Optional(
      Type.Enum(['fileGetLimits', 'fileGetsLimits', 'fileUpload', 'fileDownload', 'fileDelete'], {
        description: 'A form with a file in it is an upload without it.',
        ...refusalHint({ code: 'UnknownOperation' }),
      }),
    ),
    fileId: Type.Optional(credential),
    userData: Type.Optional(UserDataParameter),
    message: Type.Optional(message),
  }),
} as const satisfies Record<string, Type.TObject>;

export type CustomerFormName = keyof typeof customerForms;
export type CustomerForm<Name extends CustomerFormName> = Parameters<(typeof customerForms)[Name]>;

/**
 * Reads the fields of a customer's request; `''` is the same as absent, for widgets send empty ids. `fields` is the
 * decoded form, with `userData[key]` gathered under `userData`. `requestChat` needs a nickname or both names: else it is
 * refused as `NameRequired`, or as `FirstNameRequired` or `LastNameRequired` when the other one is there.
 */
export function parseCustomerForm<Name extends CustomerFormName>(
  formName: Name,
  fields: Readonly<Record<string, unknown>>,
): CustomerForm<Name> | Refusal {
  const form = parseParameters(customerForms[formName], fields, { emptyIsAbsent: true });
  if (isRefusal(form) || formName !== 'requestChat') return form;
  const { nickname, firstName, lastName } = form as CustomerForm<'requestChat'>;
  if (isVisible(nickname) || (isVisible(firstName) && isVisible(lastName))) return form;
  if (isVisible(firstName)) return refuse('LastNameRequired');
  return refuse(isVisible(lastName) ? 'FirstNameRequired' : 'NameRequired');
}

function isVisible(text: string | undefined): boolean {
  return text !== undefined && /\S/.test(text);
}
