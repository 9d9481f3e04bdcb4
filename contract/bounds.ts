/**
 * The hard bounds of what comes in over the wire. Configuration may set tighter ones, never wider: the schemas of
 * this folder refuse anything beyond. String lengths are in characters.
 */
export const bounds = {
  operationNameLength: 64,
  nicknameLength: 64,
  /** Chat Server's own limit is near 14,700 (gms-customer-api §7, message size). */
  textLength: 16_384,
  messageTypeLength: 64,
  /** Names of people, places, queues, channels; a subject. */
  nameLength: 256,
  /** RFC 5321 §4.5.3.1: a forward path has at most 254 characters within its brackets. */
  emailLength: 254,
  uriLength: 2_048,
  /** User ids, secure keys and aliases as they come back from a client. */
  credentialLength: 256,
  /** A JWT with the claims of a person. */
  identityTokenLength: 4_096,
  userDataEntries: 128,
  userDataKeyLength: 128,
  userDataValueLength: 4_096,
  channelsPerRequest: 32,
  /** Messages in one answer; whoever asks for more reads on from the next index. */
  messagesPerPage: 1_000,
} as const;
