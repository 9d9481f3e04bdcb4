import { webhookEvents, type WebhookMessage } from '@parley/contract/webhooks.ts';

/** What came in: the headers by lower-case name and the body as text, exactly as it was sent. */
export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface VerifyWebhookOptions {
  /** `whsec_…`, as in the server's configuration; several while a secret is being changed. */
  readonly secrets: readonly string[];
  /** The receiver's time, in milliseconds since the epoch. Default: now. */
  readonly nowMs?: number;
  /** How far the message's time may be from it. Older ones may be recorded ones that somebody sends again. */
  readonly toleranceMs?: number;
}

/** A message that proves to be from the server. The same id comes again when the server did not hear an answer. */
export interface VerifiedWebhook {
  readonly id: string;
  readonly message: WebhookMessage;
}

/** Why a message was not taken: answer it with status 400. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

const fiveMinutesMs = 300_000;

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function textOf({ headers }: ReceivedWebhook, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw new WebhookError(`The header ${name} is missing.`);
  return value;
}

/**
 * Verifies a webhook (docs/webhooks.md): Standard Webhooks, HMAC-SHA256 over `id.timestamp.body`. Runs in Node and in
 * browsers. Rejects with `WebhookError` when no signature is right, the time is too far off, or the body is none of the
 * known messages.
 */
export async function verifyWebhook(
  received: ReceivedWebhook,
  { secrets, nowMs = Date.now(), toleranceMs = fiveMinutesMs }: VerifyWebhookOptions,
): Promise<VerifiedWebhook> {
  const id = textOf(received, 'webhook-id');
  const timestamp = textOf(received, 'webhook-timestamp');
  const signatures = textOf(received, 'webhook-signature').split(' ').slice(0, 10);
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1000) > toleranceMs)
    throw new WebhookError('The time of the message is too far off.');
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${received.body}`);
  if (!(await isSigned(signed, signatures, secrets))) throw new WebhookError('No signature is right.');
  const message = parsed(received.body);
  if (!message) throw new WebhookError('The body is none of the known messages.');
  return { id, message };
}

async function isSigned(
  content: Uint8Array<ArrayBuffer>,
  signatures: readonly string[],
  secrets: readonly string[],
): Promise<boolean> {
  for (const secret of secrets) {
    const bytes = bytesOf(secret.replace(/^whsec_/, ''));
    if (bytes.length === 0) throw new WebhookError('A secret is not written as whsec_ and base64.');
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ]);
    for (const signature of signatures) {
      // Compares in constant time.
      const isRight =
        signature.startsWith('v1,') &&
        (await crypto.subtle.verify('HMAC', key, bytesOf(signature.slice(3)), content));
      if (isRight) return true;
    }
  }
  return false;
}

function parsed(body: string): WebhookMessage | null {
  try {
    const value = JSON.parse(body) as WebhookMessage;
    return webhookEvents.includes(value.type) ? value : null;
  } catch {
    return null;
  }
}
