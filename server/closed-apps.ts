import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { ClosedApps, type ClosedAppsOptions } from './notify/closed-apps.ts';
import { CustomHttpPushSender } from './outbox/push-sender.ts';
import { version } from './version.ts';

/** Pushes to closed apps as the configuration has them; null when it has none. */
export function createClosedApps(
  { config, clock }: { readonly config: Config; readonly clock: Clock },
  parts: Pick<ClosedAppsOptions, 'chats' | 'hasten'>,
): ClosedApps | null {
  const { customHttp } = config.push;
  if (customHttp === null) return null;
  const sender = new CustomHttpPushSender(customHttp, { clock, version });
  return new ClosedApps({ ...parts, ...customHttp, sender, clock });
}
