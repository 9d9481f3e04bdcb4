import { refuse, type Refusal } from '@parley/contract/refusals.ts';

const userDataKey = /^userData\[(['"]?)(.*)\1\]$/s;

/**
 * Reads a customer's request body as known clients send it (gms-customer-api §2, tolerances): a form whatever the
 * content type says, perhaps with a leading `&`, or a JSON object. `userData[key]`, with or without quotes, is gathered
 * under `userData`; of a repeated field the last counts. Refuses JSON that is not an object or not JSON at all.
 */
export function readForm(body: string, contentType: string): Readonly<Record<string, unknown>> | Refusal {
  const json = contentType.includes('json') || /^\s*\{/.test(body);
  return json ? readJson(body) : readUrlEncoded(body);
}

function readJson(body: string): Readonly<Record<string, unknown>> | Refusal {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    return refuse('InvalidParameter', 'The request body is not valid JSON.');
  }
  return refuse('InvalidParameter', 'The request body must be a form or a JSON object.');
}

function readUrlEncoded(body: string): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown>();
  const userData = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body.replace(/^&+/, ''))) {
    const key = userDataKey.exec(name)?.[2];
    if (key === undefined) fields.set(name, value);
    else userData.set(key, value);
  }
  if (userData.size > 0) fields.set('userData', Object.fromEntries(userData));
  return Object.fromEntries(fields);
}
