import type { CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';

/** One part of a multipart form, its header lines as they are to go out. */
export interface Part {
  readonly headers: readonly string[];
  readonly content: string | Uint8Array;
}

const boundary = '----parley-test';
export const formType = `multipart/form-data; boundary=${boundary}`;

export function field(name: string, value: string): Part {
  return { headers: [`Content-Disposition: form-data; name="${name}"`], content: value };
}

export function filePart(name: string, content: string | Uint8Array): Part {
  const disposition = `Content-Disposition: form-data; name="file"; filename="${name}"`;
  return { headers: [disposition, 'Content-Type: application/octet-stream'], content };
}

/** The bytes of a form, as a browser or a hostile client sends them. */
export function formBody(parts: readonly Part[], isCut = false): Buffer {
  const pieces = parts.flatMap(({ headers, content }) => [
    Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat(isCut ? pieces.slice(0, -1) : [...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

export interface Answered {
  readonly status: number;
  readonly reply: CustomerReply | CustomerFailure;
}

/** Posts the parts and reads the JSON that comes. */
export async function postForm(url: string, parts: readonly Part[]): Promise<Answered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': formType },
    body: new Uint8Array(formBody(parts)),
  });
  return { status: response.status, reply: (await response.json()) as Answered['reply'] };
}

/** A PNG of one pixel, padded to the size behind its end. */
export function png(size = 67): Buffer {
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  return Buffer.concat([pixel, Buffer.alloc(Math.max(0, size - pixel.length))]);
}
