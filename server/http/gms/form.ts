import { unescape } from 'node:querystring';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';

/** What a body says. Its fields stand apart from a refusal, for they can have any name. */
export interface Form {
  readonly fields: Readonly<Record<string, unknown>>;
}

const userDataKey = /^userData\[(['"]?)(.*)\1\]$/s;

/**
 * Reads a customer's request body as known clients send it (gms-customer-api §2, tolerances): a form whatever the
 * content type says, perhaps with a leading `&`, a multipart form, or a JSON object. `userData[key]`, with or without
 * quotes, is gathered under `userData`; of a repeated field the last counts; files of a multipart form are left out.
 * Refuses JSON that is not an object or not JSON at all, and a multipart form that is none.
 */
export function readForm(body: string, contentType: string): Form | Refusal | Promise<Form | Refusal> {
  if (/^multipart\/form-data\b/i.test(contentType.trim())) return readMultipart(body, contentType);
  const json = contentType.includes('json') || /^\s*\{/.test(body);
  return json ? readJson(body) : urlEncoded(body);
}

function readJson(body: string): Form | Refusal {
  if (body.trim() === '') return gather([]);
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
async function readMultipart(body: string, contentType: string): Promise<Form | Refusal> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return gather([...form].filter(([, value]) => typeof value === 'string'));
  } catch {
    return refuse('InvalidParameter', 'The request body is not a valid multipart form.');
  }
}

/** The fields as a form: `userData[key]` under `userData`, of a repeated one the last. */
export function gather(entries: Iterable<readonly [name: string, value: unknown]>): Form {
  const form = new Gathering();
  for (const [name, value] of entries) form.put(name, value);
  return form.done();
}

/** A form while its fields come in. */
class Gathering implements Form {
  // Without a prototype a field of any name is only a field.
  readonly fields = Object.create(null) as Record<string, unknown>;
  #userData: Map<string, unknown> | undefined;

  put(name: string, value: unknown): void {
    const key = name.startsWith('userData[') ? userDataKey.exec(name)?.[2] : undefined;
    if (key === undefined) this.fields[name] = value;
    else this.#putUserData(key, value);
  }

  #putUserData(key: string, value: unknown): void {
    this.#userData ??= new Map();
    this.#userData.set(key, value);
  }

  /** The gathered keys, whatever their names, as the plain object that checks expect. */
  done(): this {
    if (this.#userData) this.fields['userData'] = Object.fromEntries(this.#userData);
    return this;
  }
}

/** A URL that was not encoded: up to the next field that is known, for its own `&` cuts it into pieces. */
const plainUrl =
  /(?:^|&)pushUrl=(https?:\/\/.*?)(?=&(?:userId|secureKey|alias|transcriptPosition|message|messageType)=|$)/is;

/**
 * Reads a form as a browser does and passes over empty fields, at the beginning too. By hand, for every poll of every
 * customer is one, and the lists of pairs that the platform's readers make took two fifths of the time.
 */
function urlEncoded(body: string): Form {
  const url = body.includes('pushUrl=') ? plainUrl.exec(body) : null;
  const rest = url ? body.slice(0, url.index) + body.slice(url.index + url[0].length) : body;
  const form = new Gathering();
  for (let at = 0; at < rest.length;) {
    const next = rest.indexOf('&', at);
    const end = next === -1 ? rest.length : next;
    const equals = rest.indexOf('=', at);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (end > at) form.put(decoded(rest.slice(at, nameEnd)), decoded(rest.slice(nameEnd + 1, end)));
    at = end + 1;
  }
  if (url?.[1] !== undefined) form.put('pushUrl', url[1]);
  return form.done();
}

/** What is not valid UTF-8 in percent signs is read as far as it can be, as by a browser. */
function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? unescape(spaced) : spaced;
}
