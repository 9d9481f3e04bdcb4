import { refuse, type Refusal } from '@parley/contract/refusals.ts';

type Fields = Readonly<Record<string, unknown>>;

const userDataKey = /^userData\[(['"]?)(.*)\1\]$/s;

/**
 * Reads a customer's request body as known clients send it (gms-customer-api §2, tolerances): a form whatever the
 * content type says, perhaps with a leading `&`, a multipart form, or a JSON object. `userData[key]`, with or without
 * quotes, is gathered under `userData`; of a repeated field the last counts; files of a multipart form are left out.
 * Refuses JSON that is not an object or not JSON at all, and a multipart form that is none.
 */
export async function readForm(body: string, contentType: string): Promise<Fields | Refusal> {
  if (/^multipart\/form-data\b/i.test(contentType.trim())) return readMultipart(body, contentType);
  const json = contentType.includes('json') || /^\s*\{/.test(body);
  return json ? readJson(body) : gather(urlEncoded(body));
}

function readJson(body: string): Fields | Refusal {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return gather(Object.entries(value));
  } catch {
    return refuse('InvalidParameter', 'The request body is not valid JSON.');
  }
  return refuse('InvalidParameter', 'The request body must be a form or a JSON object.');
}

/** By the reader that Node has for it. The body is bounded by `limits.bodyBytes`, and so is the number of parts. */
async function readMultipart(body: string, contentType: string): Promise<Fields | Refusal> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return gather([...form].filter(([, value]) => typeof value === 'string'));
  } catch {
    return refuse('InvalidParameter', 'The request body is not a valid multipart form.');
  }
}

function gather(entries: Iterable<readonly [name: string, value: unknown]>): Fields {
  const fields = new Map<string, unknown>();
  const userData = new Map<string, unknown>();
  for (const [name, value] of entries) {
    const key = userDataKey.exec(name)?.[2];
    if (key === undefined) fields.set(name, value);
    else userData.set(key, value);
  }
  if (userData.size > 0) fields.set('userData', Object.fromEntries(userData));
  return Object.fromEntries(fields);
}

/** A URL that was not encoded: up to the next field that is known, for its own `&` cuts it into pieces. */
const plainUrl =
  /(?:^|&)pushUrl=(https?:\/\/.*?)(?=&(?:userId|secureKey|alias|transcriptPosition|message|messageType)=|$)/is;

function urlEncoded(body: string): readonly (readonly [string, string])[] {
  const url = plainUrl.exec(body);
  const rest = url ? body.slice(0, url.index) + body.slice(url.index + url[0].length) : body;
  const fields = [...new URLSearchParams(rest.replace(/^&+/, ''))];
  return url?.[1] === undefined ? fields : [...fields, ['pushUrl', url[1]]];
}
