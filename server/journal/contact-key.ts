/** What e-mail addresses are compared by: their letters without case, in any script. */
export function emailKey(emailAddress: string): string {
  return emailAddress.toLowerCase();
}
