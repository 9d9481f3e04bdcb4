import { isRefusal } from '@parley/contract/refusals.ts';
import { expect, test } from 'vitest';
import { customerOf, isClosed, isLive, type Chat } from './chat.ts';
import type { ChatCommand } from './commands.ts';
import { customerStories } from './customer-stories.ts';
import { decide, stamp } from './decide.ts';
import { agentStories } from './agent-stories.ts';
import { carriedOut, chatId, requestedEvents } from './sample-request.ts';
import type { Story } from './story-cast.ts';

/** What each command makes happen where it stands, told in lines: the type of an event, then its values in their order. */
function valuesOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'set' ? JSON.stringify(inner) : valuesOf(inner),
  );
}

const minute = 60_000;

/** The chat after these commands, none of which may be refused, one a minute. */
function after(commands: readonly ChatCommand[], lifetime: object): Chat {
  const { chat } = stamp(null, requestedEvents({ lifetime }), { chatId, atMs: 0 });
  return commands.reduce((before, command, at) => carriedOut(before, command, (at + 1) * minute).chat, chat);
}

/** How it stands: the session, where it waits and since which minute, its agents, and what is not as at the beginning. */
function standing(chat: Chat): string {
  const since = chat.waitingSinceMs / minute;
  const waits = chat.waiting ? `, waits in ${chat.placement.queue} since ${since}` : '';
  const excluded = chat.exclusions.map(({ agentId, untilMs }) => `, without ${agentId} until ${untilMs}`);
  const agents = chat.assignments
    .filter(isLive)
    .map(({ agentId, role, state, participantId }) =>
      `, ${agentId} ${role} ${state} ${participantId ?? ''}`.trimEnd(),
    );
  const { nickname } = customerOf(chat);
  const called = nickname === 'PersonP' ? '' : `, called ${nickname}`;
  const data = Object.keys(chat.userData).length === 0 ? '' : `, data ${JSON.stringify(chat.userData)}`;
  const read = chat.readPosition === 0 ? '' : `, read to ${chat.readPosition}`;
  const alarms = chat.alarms.length === 0 ? '' : `, alarms ${chat.alarms.join(' ')}`;
  const state = isClosed(chat) ? 'Closed' : chat.session;
  return [state, waits, ...excluded, ...agents, called, data, read, alarms].join('');
}

/** What the command makes happen, and how the chat stands then; or the refusal. */
function tell([what, given, command, lifetime = {}]: Story): string {
  const chat = after(given, lifetime);
  const decided = decide(chat, command);
  if (isRefusal(decided)) return `${what}\n  refused: ${decided.refused} ${decided.detail ?? ''}`.trimEnd();
  const atMs = (given.length + 1) * minute;
  const next = decided.length > 0 ? stamp(chat, decided, { chatId, atMs }).chat : chat;
  return [what, ...decided.map((event) => valuesOf(event).join(' ')), `= ${standing(next)}`].join('\n  ');
}

test('each command makes happen what chat-stories.golden.txt tells', async () => {
  await expect(`${[...agentStories, ...customerStories].map(tell).join('\n\n')}\n`).toMatchFileSnapshot(
    'chat-stories.golden.txt',
  );
});
