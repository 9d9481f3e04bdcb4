import { expect, it } from 'vitest';
import { basicAuthorization } from '@parley/client/login-session.ts';
import { startServer } from '../server-in-a-box.ts';

it('pages of the external address may listen, pages of others not unless they are allowed', async () => {
  const own = 'https://chat.example.com';
  const other = 'https://desk.example.com';
  const box = await startServer({
    config: { externalUrl: own, crossOrigin: { allowedOrigins: [other] } },
  });
  const allowed = async (origin: string): Promise<string | null> => {
    const response = await fetch(`${box.baseUrl}/api/v2/notifications`, {
      method: 'POST',
      headers: {
        origin,
        authorization: basicAuthorization('marat', 'demo'),
        'content-type': 'application/json',
      },
      body: JSON.stringify([
        { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] },
      ]),
    });
    await response.text();
    return response.headers.get('access-control-allow-origin');
  };
  expect(await allowed(own)).toBe(own);
  expect(await allowed(other)).toBe(other);
  expect(await allowed('https://chat.example.org')).toBeNull();
  await box.stop();
});
