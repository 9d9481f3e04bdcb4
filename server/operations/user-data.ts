import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Config } from '../config/config.ts';
import type { UserData } from '../domain/chat-event.ts';

/** Whether the user data of a chat stays within the limits when `added` is put over `before`; InvalidParameter if not. */
export function checkUserData(
  limits: Pick<Config['limits'], 'userDataKeys' | 'userDataBytes'>,
  before: UserData,
  added: UserData,
): Refusal | null {
  const after = { ...before, ...added };
  if (Object.keys(after).length > limits.userDataKeys)
    return refuse('InvalidParameter', `There may be ${limits.userDataKeys} keys of userData.`);
  if (Buffer.byteLength(JSON.stringify(after)) > limits.userDataBytes)
    return refuse('InvalidParameter', `The userData may have ${limits.userDataBytes} bytes.`);
  return null;
}
