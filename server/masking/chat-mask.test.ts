import { describe, expect, it } from 'vitest';
import { SampleChat } from '../journal/sample-chat.ts';
import { stamp } from '../domain/decide.ts';
import type { FileId, ParticipantId } from '../domain/ids.ts';
import { createChatMask, type MaskingConfig } from './chat-mask.ts';

const card = '4111 1111 1111 1111';
const stars = '*'.repeat(card.length);
const rule = { preset: 'card-number', replacement: '*', who: 'both', applyTo: 'always' } as const;
const config = (given: Partial<MaskingConfig> = {}): MaskingConfig => ({
  rules: [rule],
  typingPreview: 'digits',
  subject: true,
  ...given,
});
const participantId = 'p-1' as ParticipantId;
const seat = { participantId, visibility: 'All' } as const;

function maskedUrl(url: string): unknown {
  const [event] = createChatMask(config()).live(null, [{ type: 'UrlSent', ...seat, url }]);
  return event?.type === 'UrlSent' ? event.url : undefined;
}

it('masks user data at any depth, keys and numbers too, and leaves the rest as it is', () => {
  const set = { a: card, b: { c: [card, 4111111111111111, 42, null, true] }, [card]: 'x', ContactId: 'c-1' };
  const deep = JSON.parse(`${'['.repeat(40)}"${card}"${']'.repeat(40)}`) as unknown;
  const [event] = createChatMask(config()).live(null, [
    { type: 'UserDataChanged', set: { ...set, deep }, removed: [card] },
  ]);
  expect(JSON.stringify(event)).not.toContain('1111');
  expect(event).toMatchObject({
    set: { a: stars, b: { c: [stars, '*'.repeat(16), 42, null, true] }, [stars]: 'x', ContactId: 'c-1' },
    removed: [stars],
  });
});

describe('a pushed URL', () => {
  it.each([
    [
      `https://shop.example/pay?card=4111111111111111&x=1`,
      `https://shop.example/pay?card=${'*'.repeat(16)}&x=1`,
    ],
    ['https://shop.example/a/b?q=1', 'https://shop.example/a/b?q=1'],
    ['https://shop.example/?card=4111%201111%201111%201111', 'https://shop.example/***'],
    ['https://shop.example/?card=4111+1111+1111+1111', 'https://shop.example/***'],
    ['https://shop.example/%34111111111111111', 'https://shop.example/***'],
    ['https://shop.example/%E4%zz', 'https://shop.example/%E4%zz'],
  ])('%s', (url, wanted) => {
    expect(maskedUrl(url)).toBe(wanted);
  });
});

describe('a typing preview', () => {
  const preview = (typingPreview: MaskingConfig['typingPreview'], rules: MaskingConfig['rules'] = [rule]) => {
    const typing = { type: 'TypingStarted', ...seat, text: 'card 4111 11' } as const;
    const [event] = createChatMask(config({ typingPreview, rules })).live(null, [typing]);
    return event?.type === 'TypingStarted' ? event.text : null;
  };

  it('has no digit left, or only what the rules leave, or nothing', () => {
    expect(preview('digits')).toBe('card **** **');
    expect(preview('rules')).toBe('card 4111 11');
    expect(preview('leave-out')).toBeUndefined();
  });

  it('is what it is while no rule holds', () => {
    expect(preview('digits', [])).toBe('card 4111 11');
    expect(preview('digits', [{ ...rule, applyTo: 'history' }])).toBe('card 4111 11');
  });
});

it('tells customers and agents apart by their seats', () => {
  const chat = new SampleChat('chat');
  chat.request();
  chat.offer();
  chat.accept();
  const seats = chat.chat.parties.map((party) => party.participantId);
  const say = seats.map(
    (one) => ({ type: 'TextSent', participantId: one, visibility: 'All', text: card }) as const,
  );
  const masked = createChatMask(config({ rules: [{ ...rule, who: 'customer' }] })).live(chat.chat, say);
  expect(masked.map((event) => event.type === 'TextSent' && event.text)).toEqual([stars, card]);
});

describe('a file', () => {
  const uploaded = (name: string) =>
    ({
      type: 'FileUploaded',
      ...seat,
      fileId: 'f-1' as FileId,
      name,
      size: 1,
      mediaType: 'text/plain',
      sha256: 'ab',
      description: `of ${card}`,
    }) as const;

  it('has its name and its description masked, and stays the file that it is', () => {
    const file = uploaded(`${card}.txt`);
    expect(createChatMask(config()).live(null, [file])).toEqual([
      { ...file, name: `${stars}.txt`, description: `of ${stars}` },
    ]);
  });

  it('is masked by the second mode in what is kept, and for those outside at once', () => {
    const history = createChatMask(config({ rules: [{ ...rule, applyTo: 'history' }] }));
    const sample = new SampleChat('chat');
    sample.request();
    const file = uploaded(`${card}.txt`);
    const { stored, chat } = stamp(sample.chat, history.live(sample.chat, [file]), {
      chatId: sample.id,
      atMs: 1,
    });
    expect(chat.files[0]?.name).toBe(`${card}.txt`);
    const outside = history.outside({ stored, chat });
    for (const told of [outside.stored, outside.chat, history.kept(stored)]) {
      expect(JSON.stringify(told)).not.toContain(card);
      expect(JSON.stringify(told)).toContain(`${stars}.txt`);
    }
  });
});

describe('what is kept', () => {
  const history = createChatMask(config({ rules: [{ ...rule, applyTo: 'history' }] }));

  it('is masked by both kinds of rules, and not before', () => {
    const chat = new SampleChat('chat');
    chat.request();
    chat.say(card);
    expect(history.live(chat.chat, [])).toEqual([]);
    expect(JSON.stringify(chat.events)).toContain(card);
    const kept = history.kept(chat.events);
    expect(JSON.stringify(kept)).not.toContain(card);
    expect(kept.map(({ seq, index }) => [seq, index])).toEqual(
      chat.events.map(({ seq, index }) => [seq, index]),
    );
  });

  it('is the same list when there is nothing to mask', () => {
    const chat = new SampleChat('chat');
    chat.request();
    chat.say('hello');
    expect(history.kept(chat.events)).toBe(chat.events);
  });
});

it('keeps no address and no number by which strangers would become one contact', () => {
  const mask = createChatMask(
    config({ rules: [{ pattern: '@example', replacement: '*', who: 'both', applyTo: 'always' }, rule] }),
  );
  const details = {
    nickname: 'x',
    firstName: `Ann ${card}`,
    emailAddress: 'ann@example.com',
    phoneNumber: '+49 30 1',
  };
  expect(mask.profile(details, 'customer')).toEqual({
    nickname: 'x',
    firstName: `Ann ${stars}`,
    phoneNumber: '+49 30 1',
  });
});
