/** An answer as the wire has it. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asking {
  /** What `X-Forwarded-For` says. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts a form, or JSON when the body is an object. */
export async function post(url: string, body: string | object, asking: Asking = {}): Promise<Answer> {
  const isForm = typeof body === 'string';
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      ...(asking.from === undefined ? {} : { 'x-forwarded-for': asking.from }),
      ...asking.headers,
    },
    body: isForm ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    text,
    body: JSON.parse(text) as Answer['body'],
  };
}

/** The code that customers are told; 0 for none. */
export function codeOf({ body }: Answer): number {
  const [first] = (body['errors'] ?? []) as readonly { readonly code: number }[];
  return first?.code ?? 0;
}
