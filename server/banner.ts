import { demoPassword } from './config/demo.ts';
import { storeName } from './open-store.ts';
import { usesDemoPasswords, type Config } from './config/config.ts';

const ranks: readonly (readonly [role: string, title: string])[] = [
  ['admin', 'administrator'],
  ['supervisor', 'supervisor'],
];

/** Who can sign in with the demo password, with what they are. Nobody else's password is printed. */
function signIns(config: Config): string {
  return config.agents
    .filter((agent) => agent.password === demoPassword)
    .map(({ userName, roles }) => {
      const title = ranks.find(([role]) => roles.some((held) => held === role))?.[1];
      return title === undefined ? userName : `${userName} (${title})`;
    })
    .join(', ');
}

/**
 * What the terminal shows once the server is up. `url` is where it can be reached from this machine, without a slash
 * at the end.
 */
export function banner(config: Config, url: string): string {
  const lines = [
    `Parley is ready: ${config.contactCenter.name}, data in ${storeName(config)}`,
    '',
    `  Agents (CometD)   ${url}/api/v2/notifications`,
    `  Agents (REST)     ${url}/api/v2/me`,
    `  Documentation     ${url}/docs`,
  ];
  if (usesDemoPasswords(config)) {
    lines.push(`  Sign-ins          ${signIns(config)}; password "${demoPassword}"`);
    lines.push('', 'Who am I?', '', `  curl -u ${demoAgent(config)}:${demoPassword} ${url}/api/v2/me`);
  }
  const [service] = config.services;
  if (service) {
    const target = `${url}/genesys/2/chat/${service.name}`;
    lines.push('', 'Open a chat as a customer:', '');
    lines.push(`  curl -d "nickname=PersonP&subject=Hello" ${target}`);
  }
  return [...lines, '', 'Ctrl-C stops it.', ''].join('\n');
}

/** A demo user name that a shell takes as it is. */
function demoAgent(config: Config): string {
  const names = config.agents
    .filter((agent) => agent.password === demoPassword)
    .map((agent) => agent.userName);
  return names.find((name) => /^[\w.@-]+$/.test(name)) ?? `'<user name>'`;
}
