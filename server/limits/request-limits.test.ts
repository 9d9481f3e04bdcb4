import { expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { readConfig } from '../config/load.ts';
import type { ChatId } from '../domain/ids.ts';
import { RequestLimits } from './request-limits.ts';

const { rateLimits } = readConfig({}, { machine: { timeZone: 'UTC' } });
let nowMs = 1_700_000_000_000;
const clock: Clock = { now: () => nowMs, setTimer: () => () => {} };
const clientAt = (group: string) => ({ address: group, group, isExempt: false });

test('the limits that are configured by default never meet a customer who types, sends and has five tabs', () => {
  const limits = new RequestLimits(rateLimits, clock);
  const chatId = '0123456789abcdef' as ChatId;
  const client = clientAt('203.0.113.1');
  for (let tick = 0; tick < 6000; tick += 1) {
    nowMs += 100;
    // Five tabs poll every two seconds, typing is told four times a second, a message comes every half second.
    const polls = tick % 20 === 0 ? 5 : 0;
    const typing = tick % 2.5 < 1 ? 1 : 0;
    for (let request = 0; request < polls + typing; request += 1) {
      expect(limits.customerRequest(client)).toBeNull();
      expect(limits.chatRequest(chatId)).toBeNull();
    }
    if (tick % 5 === 0) expect(limits.chatMessage(chatId)).toBeNull();
  }
});

test('nor do a thousand customers behind one address who poll every two seconds', () => {
  const limits = new RequestLimits(rateLimits, clock);
  const client = clientAt('203.0.113.1');
  for (let request = 0; request < 30_000; request += 1) {
    nowMs += 2;
    expect(limits.customerRequest(client)).toBeNull();
  }
});

test('what is watched is bounded, however many come', () => {
  const limits = new RequestLimits({ ...rateLimits, maxWatched: 1000 }, clock);
  for (let turn = 0; turn < 50_000; turn += 1) {
    limits.customerRequest(clientAt(`address ${turn}`));
    limits.newChat(clientAt(`address ${turn}`), 'support');
    limits.chatRequest(String(turn) as ChatId);
    limits.chatMessage(String(turn) as ChatId);
  }
  expect(limits.watched).toBeLessThanOrEqual(6000);
});

test('chats that are over leave nothing behind', () => {
  const limits = new RequestLimits(rateLimits, clock);
  for (let turn = 0; turn < 1000; turn += 1) {
    limits.opened(clientAt(`address ${turn % 10}`), String(turn) as ChatId);
    limits.closed(String(turn) as ChatId);
    limits.closed(String(turn) as ChatId);
  }
  expect(limits.watched).toBe(0);
});
