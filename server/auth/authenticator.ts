import type { AgentId } from '../domain/ids.ts';
import type { LoginSession, LoginSessions } from './login-sessions.ts';
import type { SignIn, SignInRefusal } from './sign-in.ts';

/** What a request shows of who sent it. */
export interface Credentials {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** The `Cookie` header. */
  readonly cookie: string | undefined;
  /** The IP address it came from. */
  readonly address: string;
}

/** Who sent the request. `newCookie` is set when the session began with it and goes out as `Set-Cookie`. */
export interface Authenticated {
  readonly agentId: AgentId;
  readonly session: LoginSession;
  readonly newCookie?: string;
  /** Whether the cookie alone spoke for the agent: then a foreign page may have made the browser send it. */
  readonly byCookie: boolean;
}

/**
 * Who sent a request (gws-agent-api §2.1): the cookie of a live session, or a Basic header, which starts a session.
 *
 * - With both, the header must be right as well. Of the session's own agent the session goes on; of another it ends
 *   and a new one begins, with a new cookie.
 * - A live session is never throttled: when the header of its own agent cannot be checked now, the cookie is enough.
 */
export class Authenticator {
  readonly #signIn: SignIn;
  readonly #sessions: LoginSessions;

  constructor(signIn: SignIn, sessions: LoginSessions) {
    this.#signIn = signIn;
    this.#sessions = sessions;
  }

  async authenticate(credentials: Credentials): Promise<Authenticated | SignInRefusal> {
    const { authorization, cookie, address } = credentials;
    const session = this.#sessions.findIn(cookie);
    if (authorization === undefined) {
      return session
        ? { agentId: session.agentId, session, byCookie: true }
        : { refused: 'NotAuthenticated' };
    }
    const result = await this.#signIn.verify(authorization, address);
    if ('refused' in result) {
      const unchecked = result.refused !== 'NotAuthenticated';
      if (!unchecked || !session || !this.#signIn.claims(authorization, session.agentId)) return result;
      return this.#stillLive(session) ?? result;
    }
    if (session?.agentId === result.agentId) {
      const live = this.#stillLive(session);
      if (live) return { ...live, byCookie: false };
    } else if (session) this.#sessions.end(session.digest);
    const begun = this.#sessions.create(result.agentId);
    return { agentId: result.agentId, session: begun.session, newCookie: begun.cookie, byCookie: false };
  }

  /** The password takes time to check; the session may have ended meanwhile. */
  #stillLive(session: LoginSession): Authenticated | undefined {
    if (!this.#sessions.isLive(session.digest)) return undefined;
    return { agentId: session.agentId, session, byCookie: true };
  }
}
