import { Accounts } from './auth/accounts.ts';
import { Authenticator } from './auth/authenticator.ts';
import { CredentialCache } from './auth/credential-cache.ts';
import { HashQueue } from './auth/hash-queue.ts';
import { LoginSessions, type LoginSessionsOptions } from './auth/login-sessions.ts';
import type { ScryptCost } from './auth/password-hash.ts';
import { Passwords } from './auth/passwords.ts';
import { SignIn } from './auth/sign-in.ts';
import { SignInThrottle } from './auth/throttle.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { RandomBytes } from './domain/ids.ts';

export interface SignInPartsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly passwordCost?: ScryptCost;
  readonly onLoginChange: LoginSessionsOptions['onChange'];
}

/** Everything that lets agents in, put together from the configuration. */
export interface SignInParts {
  readonly signIn: SignIn;
  readonly sessions: LoginSessions;
  readonly authenticator: Authenticator;
  readonly accounts: Accounts;
}

export function createSignIn(options: SignInPartsOptions): SignInParts {
  const { config, clock, random, passwordCost, onLoginChange } = options;
  const { parallelHashes, maxWaitingHashes, cachedCredentials, credentialCacheMs, ...limits } = config.signIn;
  const queue = new HashQueue({ parallel: parallelHashes, maxWaiting: maxWaitingHashes });
  const cost = passwordCost ? { cost: passwordCost } : {};
  const passwords = new Passwords({ accounts: config.agents, random, queue, ...cost });
  const userNames = config.agents.map((agent) => agent.userName);
  const throttle = new SignInThrottle({ clock, random, userNames, ...limits });
  const cache = new CredentialCache({
    clock,
    random,
    maxEntries: cachedCredentials,
    ttlMs: credentialCacheMs,
  });
  const signIn = new SignIn({ passwords, throttle, cache });
  const { idleTimeoutMs, maxSessions, maxSessionsPerAgent } = config.agentSession;
  const sessions = new LoginSessions({
    clock,
    random,
    idleTimeoutMs,
    maxSessions,
    maxSessionsPerAgent,
    onChange: onLoginChange,
  });
  const accounts = new Accounts({ passwords, throttle, cache, sessions, queue, random, ...cost });
  return { signIn, sessions, authenticator: new Authenticator(signIn, sessions), accounts };
}
