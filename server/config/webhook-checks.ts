import type { Problem } from './problem.ts';
import { suggestion } from './near-miss.ts';
import type { ConfigFile } from './schema.ts';

const noUrl = 'is no URL; allowed: a URL such as https://crm.example.com/hooks';

/** What the schema cannot say of receivers outside. */
export function webhookChecks({ webhooks, services, outbox, push }: ConfigFile): readonly Problem[] {
  const names = services.map(({ name }) => name);
  const problems = webhooks.flatMap((hook, position): Problem[] => {
    const path = ['webhooks', position];
    const first = webhooks.findIndex(({ name }) => name === hook.name);
    const isReserved = hook.name === 'push';
    const reserved = 'is taken: pushes to closed apps have this name';
    const taken = `"${hook.name}" is taken already (by entry [${first}])`;
    const unknown = hook.services.flatMap((service, at): Problem[] => {
      const sentence = `there is no service "${service}";${suggestion(service, names)} listed in \`services\``;
      return names.includes(service) ? [] : [{ path: [...path, 'services', at], sentence }];
    });
    return [
      ...(first < position ? [{ path: [...path, 'name'], sentence: taken }] : []),
      ...(isReserved ? [{ path: [...path, 'name'], sentence: reserved }] : []),
      ...(URL.canParse(hook.url) ? [] : [{ path: [...path, 'url'], sentence: noUrl }]),
      ...unknown,
    ];
  });
  problems.push(...checkCustomHttp(push.customHttp));
  if (outbox.longestDelayMs >= outbox.firstDelayMs) return problems;
  const sentence = `found ${outbox.longestDelayMs}; allowed: at least outbox.firstDelayMs (${outbox.firstDelayMs})`;
  return [...problems, { path: ['outbox', 'longestDelayMs'], sentence }];
}

function checkCustomHttp(customHttp: ConfigFile['push']['customHttp']): readonly Problem[] {
  if (customHttp === null) return [];
  const path = ['push', 'customHttp'];
  const { url, message } = customHttp;
  return [
    ...(URL.canParse(url) ? [] : [{ path: [...path, 'url'], sentence: noUrl }]),
    ...(message === null || isJson(message)
      ? []
      : [
          { path: [...path, 'message'], sentence: 'is no JSON text; keys in braces belong into its strings' },
        ]),
  ];
}

function isJson(text: string): boolean {
  try {
    // Outside of a string the braces of a key are no JSON.
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
