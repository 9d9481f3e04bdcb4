import { isUtf8 } from 'node:buffer';

/** What somebody claims to be. */
export interface Claim {
  readonly userName: string;
  readonly password: string;
}

/** `Basic ` and the base64 of 128 + 1 + 256 characters of four bytes each. */
const longestHeader = 2100;
const longestUserName = 128;
const longestPassword = 256;

/**
 * The claims in an `Authorization: Basic` header (RFC 7617). The header does not say how it was encoded: newer clients
 * use UTF-8, the .NET one ISO-8859-1 (gws-agent-api §2.1); where the two readings differ there are two claims, UTF-8
 * first. Empty when the header is of another scheme, malformed or too long.
 */
export function parseBasicHeader(header: string): readonly Claim[] {
  if (header.length > longestHeader) return [];
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return [];
  const bytes = Buffer.from(encoded, 'base64');
  const readings = [...(isUtf8(bytes) ? [bytes.toString('utf8')] : []), bytes.toString('latin1')];
  return [...new Set(readings)].flatMap(toClaim);
}

function toClaim(reading: string): Claim[] {
  const colon = reading.indexOf(':');
  if (colon < 1) return [];
  const claim = { userName: reading.slice(0, colon), password: reading.slice(colon + 1) };
  const fits = claim.userName.length <= longestUserName && claim.password.length <= longestPassword;
  return fits ? [claim] : [];
}
