/**
 * Why a request can be refused: the one table from which the HTTP status, the `statusCode` of the agent API
 * (gws-agent-api §1.2) and the status and error code of the customer API (gms-customer-api §5) are read.
 *
 * - `statusCode`, `httpStatus`: what an agent's request is answered with.
 * - `customerStatus`: 1 = the customer's client may retry, 2 = it need not try again.
 * - `customerCode`: the number in `errors[0].code` on the customer API.
 * - `sentence`: the default `statusMessage` and `advice`.
 */
interface RefusalRow {
  readonly statusCode: number;
  readonly httpStatus: number;
  readonly customerStatus: 1 | 2;
  readonly customerCode: number;
  readonly sentence: string;
}

export const refusals = {
  MissingParameter: {
    statusCode: 1,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 101,
    sentence: 'A required parameter is missing.',
  },
  NameRequired: {
    statusCode: 1,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 161,
    sentence: 'A nickname, or a first and a last name, is required.',
  },
  FirstNameRequired: {
    statusCode: 1,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 102,
    sentence: 'A first name is required.',
  },
  LastNameRequired: {
    statusCode: 1,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 103,
    sentence: 'A last name is required.',
  },
  UnknownOperation: {
    statusCode: 2,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 104,
    sentence: 'There is no operation of this name here.',
  },
  NotAllowedInState: {
    statusCode: 2,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 105,
    sentence: 'The operation is not allowed in the present state.',
  },
  ChatEnded: {
    statusCode: 2,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 113,
    sentence: 'The chat has ended.',
  },
  CsrfTokenInvalid: {
    statusCode: 3,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 114,
    sentence: 'Missing or invalid Csrf token',
  },
  Forbidden: {
    statusCode: 3,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 106,
    sentence: 'The operation is forbidden.',
  },
  Internal: {
    statusCode: 4,
    httpStatus: 500,
    customerStatus: 1,
    customerCode: 100,
    sentence: 'An internal error occurred.',
  },
  Unavailable: {
    statusCode: 4,
    httpStatus: 503,
    customerStatus: 1,
    customerCode: 240,
    sentence: 'The server cannot take this now; try again later.',
  },
  Unconfirmed: {
    statusCode: 4,
    httpStatus: 504,
    customerStatus: 1,
    customerCode: 122,
    sentence: 'This was taken and may yet happen; ask again with the same Idempotency-Key.',
  },
  Closed: {
    statusCode: 4,
    httpStatus: 503,
    customerStatus: 2,
    customerCode: 240,
    sentence: 'We are closed now.',
  },
  ChannelNotServed: {
    statusCode: 4,
    httpStatus: 500,
    customerStatus: 2,
    customerCode: 107,
    sentence: 'This channel is not served here.',
  },
  NoPermission: {
    statusCode: 5,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 108,
    sentence: 'The user lacks the permission for this operation.',
  },
  NotFound: {
    statusCode: 6,
    httpStatus: 404,
    customerStatus: 2,
    customerCode: 109,
    sentence: 'There is no such resource.',
  },
  InvalidParameter: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 110,
    sentence: 'A parameter has an invalid value.',
  },
  ReadOnly: {
    statusCode: 11,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 115,
    sentence: 'This property cannot be changed.',
  },
  AlreadyExists: {
    statusCode: 18,
    httpStatus: 409,
    customerStatus: 2,
    customerCode: 116,
    sentence: 'There is such a resource already.',
  },
  InUse: {
    statusCode: 19,
    httpStatus: 409,
    customerStatus: 2,
    customerCode: 117,
    sentence: 'The resource is in use.',
  },
  EmailInvalid: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 364,
    sentence: 'The e-mail address is not valid.',
  },
  MessageTooLong: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 204,
    sentence: 'The message is too long.',
  },
  TooManyFiles: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 201,
    sentence: 'No more files can be sent.',
  },
  FilesTooLarge: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 202,
    sentence: 'The files would be too large in all.',
  },
  FileTooLarge: {
    statusCode: 10,
    httpStatus: 413,
    customerStatus: 2,
    customerCode: 202,
    sentence: 'The file is too large.',
  },
  FileTypeNotAllowed: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 203,
    sentence: 'Files of this type are not taken.',
  },
  FileHarmful: {
    statusCode: 10,
    httpStatus: 400,
    customerStatus: 2,
    customerCode: 203,
    sentence: 'The virus check refuses this file.',
  },
  KeyReused: {
    statusCode: 10,
    httpStatus: 422,
    customerStatus: 2,
    customerCode: 118,
    sentence: 'This Idempotency-Key was used for another request.',
  },
  BodyTooLarge: {
    statusCode: 10,
    httpStatus: 413,
    customerStatus: 2,
    customerCode: 204,
    sentence: 'The request body is too large.',
  },
  NotAuthenticated: {
    statusCode: 20,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 111,
    sentence: 'Access denied',
  },
  IdentityRequired: {
    statusCode: 20,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 120,
    sentence: 'A signed identity is required.',
  },
  IdentityInvalid: {
    statusCode: 20,
    httpStatus: 403,
    customerStatus: 2,
    customerCode: 121,
    sentence: 'The identity token is not valid.',
  },
  TooManyRequests: {
    statusCode: 4,
    httpStatus: 429,
    customerStatus: 1,
    customerCode: 119,
    sentence: 'Too many requests; try again later.',
  },
  TooManyChats: {
    statusCode: 4,
    httpStatus: 429,
    customerStatus: 1,
    customerCode: 240,
    sentence: 'Too many chats; try again later.',
  },
  TooManyAttempts: {
    statusCode: 20,
    httpStatus: 429,
    customerStatus: 1,
    customerCode: 112,
    sentence: 'Too many failed sign-ins; try again later.',
  },
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof refusals;

/** A request that was understood and not carried out. It changed nothing, but for Unconfirmed: of that nobody knows yet. */
export interface Refusal {
  readonly refused: RefusalCode;
  /** What exactly is wrong, for the caller; the table's sentence stands in when absent. */
  readonly detail?: string;
  /** When trying again makes sense; `Retry-After` says it. */
  readonly retryAfterMs?: number;
}

export function refuse(refused: RefusalCode, detail?: string): Refusal {
  return detail === undefined ? { refused } : { refused, detail };
}

/** What may be otherwise when it is asked for again. */
const passing: ReadonlySet<number> = new Set([429, 503, 504]);
/** What `Retry-After` says when the refusal itself knows no better. */
const retryAfterMs = 1000;

/**
 * The value of `Retry-After` (RFC 9110 §10.2.3), whole seconds from 1: for what is refused now, or not known yet, and may be
 * asked for again.
 * Undefined for every other refusal.
 */
export function retryAfter(refusal: Refusal): string | undefined {
  const { httpStatus, customerStatus } = refusals[refusal.refused];
  if (!passing.has(httpStatus) || customerStatus !== 1) return undefined;
  return String(Math.max(1, Math.ceil((refusal.retryAfterMs ?? retryAfterMs) / 1000)));
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
