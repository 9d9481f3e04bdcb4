/** Nominal string ids: a `ChatId` cannot be passed where an `AgentId` is meant. */
declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** 16 characters of `[0-9A-Za-z]`, as on the founding page (`0000Na9B26EF002X`). */
export type ChatId = Id<'chat'>;
/** 32 hex digits without dashes (gws-agent-api §2.7). */
export type AgentId = Id<'agent'>;
/** 16 characters of `[0-9A-Za-z]`. */
export type ContactId = Id<'contact'>;
/** 16 characters of `[0-9A-Za-z]`; also the name under which the bytes are stored. */
export type FileId = Id<'file'>;
/** 16 upper-case hex digits (gws-agent-api §5.4); for a customer also the GMS `userId`. */
export type ParticipantId = Id<'participant'>;

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A source of cryptographic randomness: returns `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

function base62Id(random: RandomBytes): string {
  let id = '';
  while (id.length < 16) {
    // 248 is the largest multiple of 62 below 256: bytes above it would favour the first letters.
    for (const byte of random(24)) if (byte < 248 && id.length < 16) id += base62[byte % 62];
  }
  return id;
}

function hexId(random: RandomBytes, bytes: number): string {
  return Buffer.from(random(bytes)).toString('hex');
}

export const newChatId = (random: RandomBytes): ChatId => base62Id(random) as ChatId;
export const newContactId = (random: RandomBytes): ContactId => base62Id(random) as ContactId;
export const newFileId = (random: RandomBytes): FileId => base62Id(random) as FileId;
export const newParticipantId = (random: RandomBytes): ParticipantId =>
  hexId(random, 8).toUpperCase() as ParticipantId;
/** The secret that proves a customer's right to one chat (gms-customer-api §3): 32 hex digits, 128 bits. */
export const newSecureKey = (random: RandomBytes): string => hexId(random, 16);
