import { HttpPipe, postBytes } from './http-pipe.ts';
import { mountPath } from './orders.ts';
import { WebSocketPipe } from './websocket-pipe.ts';

/** What a session tells the load: the deliveries of each answer or frame, and that a publish was replied to. */
export type SessionEvents = {
  delivery: (session: LoadSession, atUs: number, n: number) => void;
  published: (session: LoadSession) => void;
  refused: (session: LoadSession, text: string) => void;
};

/** A handshaken and subscribed session that keeps its connect held, and can publish. */
export type LoadSession = {
  readonly index: number;
  publish: (channel: string, payload: string) => void;
  close: () => void;
};

export type SessionOptions = {
  port: number;
  index: number;
  channel: string;
  cookie: string;
  events: SessionEvents;
};

type Reply = { successful?: boolean; clientId?: string; error?: string };

/** Opens a long-polling session: one connection for polls and, from its first publish on, one for the rest. */
export async function openLongPolling(options: SessionOptions): Promise<LoadSession & { cookie: string }> {
  const { port, index, events } = options;
  let cookie = options.cookie;
  let answered: (body: string) => void = () => {};
  const polls = new HttpPipe(port, (body, head) => {
    const set = /set-cookie: ([^;\r]+)/i.exec(head)?.[1];
    if (set !== undefined) cookie = set;
    answered(body);
  });
  const ask = (suffix: string, message: object): Promise<string> =>
    new Promise((resolve) => {
      answered = resolve;
      polls.send(postBytes(mountPath + suffix, JSON.stringify([message]), cookie));
    });
  const clientId = clientIdIn(await ask('/handshake', handshake));
  mustSucceed(
    await ask('/', { channel: '/meta/subscribe', clientId, subscription: options.channel, id: '2' }),
  );
  const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling', id: '3' };
  mustSucceed(await ask('/connect', { ...connect, advice: { timeout: 0 } }));

  const poll = postBytes(`${mountPath}/connect`, JSON.stringify([{ ...connect, id: '4' }]), cookie);
  let posts: HttpPipe | undefined;
  const session = {
    index,
    cookie,
    publish: (channel: string, payload: string) => {
      posts ??= new HttpPipe(port, (body) => {
        scanDeliveries(body, session, events);
        events.published(session);
      });
      const body = `[{"channel":"${channel}","clientId":"${clientId}","id":"5","data":${payload}}]`;
      posts.send(postBytes(`${mountPath}/`, body, cookie));
    },
    close: () => {
      polls.close();
      posts?.close();
    },
  };
  answered = (body) => {
    if (body.includes('"successful":false') || body.includes('"multiple-clients"'))
      events.refused(session, body);
    polls.send(poll);
    scanDeliveries(body, session, events);
  };
  polls.send(poll);
  return session;
}

/** Opens a WebSocket session: everything goes over its one socket. */
export async function openWebSocket(options: SessionOptions): Promise<LoadSession> {
  const { events } = options;
  let answered: (text: string) => void = () => {};
  let opened: () => void = () => {};
  const isOpen = new Promise<void>((resolve) => (opened = resolve));
  const pipe = new WebSocketPipe(options.port, mountPath, { open: opened, frame: (text) => answered(text) });
  await isOpen;
  const ask = (message: object): Promise<string> =>
    new Promise((resolve) => {
      answered = resolve;
      pipe.send(JSON.stringify([message]));
    });
  const clientId = clientIdIn(await ask(handshake));
  mustSucceed(await ask({ channel: '/meta/subscribe', clientId, subscription: options.channel, id: '2' }));
  const connect = { channel: '/meta/connect', clientId, connectionType: 'websocket', id: '1' };
  mustSucceed(await ask({ ...connect, advice: { timeout: 0 } }));

  const held = JSON.stringify([{ ...connect, id: '4' }]);
  const session = {
    index: options.index,
    publish: (channel: string, payload: string) =>
      pipe.send(`[{"channel":"${channel}","clientId":"${clientId}","id":"5","data":${payload}}]`),
    close: () => pipe.close(),
  };
  answered = (text) => {
    scanDeliveries(text, session, events);
    if (!text.includes('"successful":')) return;
    if (text.includes('"/meta/connect"')) {
      if (text.includes('"successful":false')) events.refused(session, text);
      pipe.send(held);
    } else events.published(session);
  };
  pipe.send(held);
  return session;
}

const handshake = {
  channel: '/meta/handshake',
  version: '1.0',
  minimumVersion: '1.0',
  supportedConnectionTypes: ['websocket', 'long-polling'],
  id: '1',
};

function clientIdIn(body: string): string {
  const reply = mustSucceed(body);
  if (reply.clientId === undefined) throw new Error(`no clientId in ${body}`);
  return reply.clientId;
}

function mustSucceed(body: string): Reply {
  const replies: unknown = JSON.parse(body);
  const reply = (Array.isArray(replies) ? replies[0] : replies) as Reply;
  if (reply.successful !== true) throw new Error(`the server refused: ${body}`);
  return reply;
}

/** Finds every payload in the text by its first two fields, `"t":<µs>,"n":<number>`, without parsing the rest. */
function scanDeliveries(text: string, session: LoadSession, events: SessionEvents): void {
  let at = text.indexOf('"t":');
  while (at !== -1) {
    at += 4;
    let atUs = 0;
    for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt((at += 1))) {
      atUs = atUs * 10 + (code - 48);
    }
    at += ',"n":'.length;
    let n = 0;
    for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt((at += 1))) {
      n = n * 10 + (code - 48);
    }
    events.delivery(session, atUs, n);
    at = text.indexOf('"t":', at);
  }
}
