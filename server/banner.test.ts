import { describe, expect, it } from 'vitest';
import { banner } from './banner.ts';
import { readConfig } from './config/load.ts';

const machine = { timeZone: 'UTC' };
const url = 'http://127.0.0.1:8080';

describe('the banner', () => {
  it('of the demo contact centre says where to go, who can sign in and how to open a chat', () => {
    expect(banner(readConfig({}, { machine }), url)).toBe(`Parley is ready: Demo, data in ./data

  Agents (CometD)   http://127.0.0.1:8080/api/v2/notifications
  Agents (REST)     http://127.0.0.1:8080/api/v2/me
  Documentation     http://127.0.0.1:8080/docs
  Sign-ins          marat, kristi, sofia (supervisor), admin (administrator); password "demo"

Who am I?

  curl -u marat:demo http://127.0.0.1:8080/api/v2/me

Open a chat as a customer:

  curl -d "nickname=PersonP&subject=Hello" http://127.0.0.1:8080/genesys/2/chat/customer-support

Ctrl-C stops it.
`);
  });

  it('names nobody and no password of a real one', () => {
    const agents = [{ userName: 'ann', password: 'correct horse', roles: ['admin'] }];
    const text = banner(readConfig({ agents, services: [] }, { machine }), url);
    expect(text).not.toMatch(/ann|correct horse|Sign-ins|curl/);
  });

  it('gives a shell no user name that it would take for something else', () => {
    const agents = [
      { userName: '$(reboot)', password: 'demo' },
      { userName: 'ann', password: 'demo' },
    ];
    expect(banner(readConfig({ agents }, { machine }), url)).toContain('curl -u ann:demo');
    const only = banner(readConfig({ agents: agents.slice(0, 1) }, { machine }), url);
    expect(only).toContain("curl -u '<user name>':demo");
  });
});
