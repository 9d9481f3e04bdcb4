import { isAddressRange } from '../auth/client-addresses.ts';
import type { Problem } from './problem.ts';
import type { ConfigFile } from './schema.ts';

/** The addresses and ranges that the limits go by. */
export function limitChecks({ listen, rateLimits }: ConfigFile): readonly Problem[] {
  const checked = [
    ...listen.trustedProxies.map((text, position) => ({
      text,
      path: ['listen', 'trustedProxies', position],
    })),
    ...rateLimits.exemptAddresses.map((text, position) => ({
      text,
      path: ['rateLimits', 'exemptAddresses', position],
    })),
  ];
  return checked.flatMap(({ text, path }) =>
    isAddressRange(text)
      ? []
      : { path, sentence: `${JSON.stringify(text)} is neither an IP address nor a range such as 10.0.0.0/8` },
  );
}
