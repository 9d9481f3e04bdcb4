import { connect, type Socket } from 'node:net';

/** The domain of every address. */
export const xmppDomain = 'localhost';
const resource = 'bench';

export type XmppLogin = { userName: string; password: string };

/** The address of a session of this benchmark. */
export function fullJid(userName: string): string {
  return `${userName}@${xmppDomain}/${resource}`;
}

const streamOpening =
  `<?xml version='1.0'?><stream:stream to='${xmppDomain}' version='1.0' xmlns='jabber:client' ` +
  `xmlns:stream='http://etherx.jabber.org/streams'>`;

function plain({ userName, password }: XmppLogin): string {
  const secret = Buffer.from(`\0${userName}\0${password}`).toString('base64');
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`;
}

/**
 * One XMPP client without TLS, as little work as can be: what it sends is text made beforehand, and what it is told is
 * cut at a closing text and not parsed. Sources: RFC 6120 §4 and §6 and §7, RFC 6121 §4.2, XEP-0198 §3 and §4.
 */
export class XmppSession {
  readonly #socket: Socket;
  #text = '';
  #awaited: string;
  #found: (text: string) => void = () => {};

  private constructor(port: number) {
    this.#awaited = '';
    this.#socket = connect({ port, host: '127.0.0.1' });
    this.#socket.setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (piece: string) => this.#read(piece));
    this.#socket.on('error', (error) => {
      throw error;
    });
  }

  /** A session that is signed in and bound to its address. */
  static async open(port: number, login: XmppLogin): Promise<XmppSession> {
    const session = new XmppSession(port);
    await session.#ask(streamOpening, '</stream:features>');
    await session.#ask(plain(login), '<success');
    await session.#ask(streamOpening, '</stream:features>');
    const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind>`;
    await session.#ask(`<iq type='set' id='bind'>${bind}</iq>`, '</iq>');
    return session;
  }

  /** Has the server say how many stanzas it has handled whenever it is asked, and calls `acknowledged` then. */
  async askForAcknowledgements(acknowledged: () => void): Promise<void> {
    await this.#ask(`<enable xmlns='urn:xmpp:sm:3'/>`, '<enabled');
    this.#watch('<a ', acknowledged);
  }

  /** Becomes available, after which `message` is called with the text of every message. */
  async receiveMessages(message: (stanza: string) => void): Promise<void> {
    await this.#ask('<presence/>', '<presence');
    this.#watch('</message>', message);
  }

  /** Sends a message and asks for its acknowledgement in the same write; `body` must be ASCII without markup. */
  say(to: string, body: string): void {
    this.#socket.write(
      `<message type='chat' to='${to}'><body>${body}</body></message><r xmlns='urn:xmpp:sm:3'/>`,
      'latin1',
    );
  }

  #watch(closing: string, found: (text: string) => void): void {
    this.#awaited = closing;
    this.#found = found;
  }

  #ask(text: string, closing: string): Promise<void> {
    return new Promise((resolve) => {
      this.#watch(closing, () => resolve());
      this.#text = '';
      this.#socket.write(text, 'latin1');
    });
  }

  #read(piece: string): void {
    this.#text += piece;
    if (/<failure|<failed|<stream:error|type='error'/.test(this.#text))
      throw new Error(`the server refused: ${this.#text}`);
    for (;;) {
      const at = this.#text.indexOf(this.#awaited);
      if (at === -1) return;
      const end = at + this.#awaited.length;
      const found = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      this.#found(found);
    }
  }
}
