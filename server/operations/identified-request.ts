import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { VerifiedCustomer } from '../auth/customer-identity.ts';
import type { Chat } from '../domain/chat.ts';
import type { UserData } from '../domain/chat-event.ts';
import type { CustomerCommand } from '../domain/commands.ts';
import type { ContactId } from '../domain/ids.ts';
import type { ChatRequest } from './request-chat.ts';

/** What agents see of a customer whose identity was proven; the server alone writes these keys (docs/adr/0015). */
const verifiedKey = 'IdentityVerified';
const identityKeys = [verifiedKey, 'IdentitySubject', 'IdentityIssuer'];
/** Who somebody is, in the words of the user data (gws-agent-api §5.6). */
const detailKeys = ['FirstName', 'LastName', 'EmailAddress', 'PhoneNumber'];

/** A key as people read it, however it is spelled. */
const plain = (key: string): string => key.trim().toLowerCase();
const folded = (keys: readonly string[]): ReadonlySet<string> => new Set(keys.map(plain));
const identityNames = folded(identityKeys);
const detailNames = folded(detailKeys);

function without(userData: UserData, names: ReadonlySet<string>): UserData {
  const kept = Object.entries(userData).filter(([key]) => !names.has(plain(key)));
  return Object.fromEntries(kept);
}

/** User data from a customer without the keys that say who was proven, however they are written. */
function withoutIdentity(userData: UserData): UserData {
  return without(userData, identityNames);
}

/**
 * The request with what was proven: of who the customer is, nothing is left of what the form says but the subject of the chat.
 * Without a proof what the form says under the reserved keys is left out.
 */
export function identified(
  request: ChatRequest,
  verified: VerifiedCustomer | null,
): ChatRequest & { readonly contactId?: ContactId } {
  const userData = withoutIdentity(request.userData);
  if (!verified) return { ...request, userData };
  const { subject, issuer, contactId, ...details } = verified;
  const { subject: about } = request.customer;
  return {
    ...request,
    customer: { ...details, ...(about === undefined ? {} : { subject: about }) },
    userData: {
      ...without(userData, detailNames),
      [verifiedKey]: 'true',
      IdentitySubject: subject,
      IdentityIssuer: issuer,
    },
    ...(contactId === undefined ? {} : { contactId: contactId as ContactId }),
  };
}

/** Forbidden when an agent's change of the user data would say something else of who was proven; null when not. */
export function changesIdentity(
  { userData }: Pick<Chat, 'userData'>,
  { set = {}, removed = [] }: { readonly set?: UserData; readonly removed?: readonly string[] },
): Refusal | null {
  const isSaid = (key: string): boolean => identityNames.has(plain(key));
  // A desktop may send back all that it was shown.
  const isSet = Object.entries(set).some(([key, value]) => isSaid(key) && userData[key] !== value);
  const isRemoved = removed.some((key) => isSaid(key) && key in userData);
  return isSet || isRemoved ? refuse('Forbidden', 'Who the customer is was proven, or was not.') : null;
}

/** What a customer asks of a chat in which their identity was proven: they stay who they are. */
export function asVerified(
  { userData }: Pick<Chat, 'userData'>,
  command: CustomerCommand,
): CustomerCommand | Refusal {
  if (command.type === 'CustomerUpdateData') {
    const unproven = withoutIdentity(command.userData);
    const isVerified = userData[verifiedKey] === 'true';
    return { ...command, userData: isVerified ? without(unproven, detailNames) : unproven };
  }
  if (command.type !== 'CustomerUpdateNickname' || userData[verifiedKey] !== 'true') return command;
  return refuse('Forbidden', 'The name was proven and cannot be changed.');
}
