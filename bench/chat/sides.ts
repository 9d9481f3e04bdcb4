import { HttpPipe } from '../push/http-pipe.ts';
import { messageField, scanMessages } from './orders.ts';

/** A customer who writes and the agent who listens to them. */
export type Pair = { say: (atUs: number, n: number) => void };

export type PairEvents = {
  /** The server has answered the customer. */
  answered: () => void;
  /** A message has come to the agent. */
  received: (atUs: number, n: number) => void;
};

/** Polls for the agent, again as soon as it is answered. */
export function listen(port: number, poll: string, { received }: PairEvents): void {
  const polls = new HttpPipe(port, (body) => {
    polls.send(poll);
    if (body.includes('"successful":false')) throw new Error(`the server refused: ${body}`);
    scanMessages(body, received);
  });
  polls.send(poll);
}

/** Posts the customer's forms, which end with the message. */
export function customer(
  port: number,
  { path, form }: { path: string; form: string },
  { answered }: PairEvents,
): Pair {
  const posts = new HttpPipe(port, (body) => {
    if (!body.startsWith('{"statusCode":0,')) throw new Error(`the server refused: ${body}`);
    answered();
  });
  return { say: (atUs, n) => posts.send(formBytes(path, form + messageField(atUs, n))) };
}

/** The bytes of a form's POST; the body must be ASCII. */
function formBytes(path: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}
