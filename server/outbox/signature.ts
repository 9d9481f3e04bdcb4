import { createHmac } from 'node:crypto';

/** How secrets are written: `whsec_` and their bytes in base64 (the Standard Webhooks scheme). */
const prefix = 'whsec_';

/** The bytes of a secret. */
function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64');
}

/**
 * The headers by which a receiver knows that a message is from us and new, after the Standard Webhooks scheme: HMAC-SHA256
 * over `id.timestamp.body`, one signature for each secret, so that a secret can be changed without a gap.
 */
export function signedHeaders(
  message: { readonly id: string; readonly atMs: number; readonly body: string },
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(message.atMs / 1000));
  const content = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => {
    return `v1,${createHmac('sha256', secretBytes(secret)).update(content).digest('base64')}`;
  });
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}
