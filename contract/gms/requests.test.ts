import { describe, expect, it } from 'vitest';
import { bounds } from '../bounds.ts';
import { parseCustomerForm } from './requests.ts';

describe("a customer's form", () => {
  it('takes empty fields as absent, for widgets send empty ids', () => {
    const fields = { nickname: 'PersonP', alias: '', secureKey: '', userId: '', text: '', lastName: '' };
    expect(parseCustomerForm('requestChat', fields)).toEqual({ nickname: 'PersonP' });
  });

  it('reads user data as texts and leaves nulls out', () => {
    const userData = { TimeZone: -480, vip: true, language: 'en', none: null };
    expect(parseCustomerForm('requestChat', { nickname: 'PersonP', userData })).toEqual({
      nickname: 'PersonP',
      userData: { TimeZone: '-480', vip: 'true', language: 'en' },
    });
  });

  it.each(['7', 7])('reads the position %j as a number', (transcriptPosition) => {
    expect(parseCustomerForm('refresh', { secureKey: 'k', transcriptPosition })).toEqual({
      secureKey: 'k',
      transcriptPosition: 7,
    });
  });

  it('asks for no more than the secure key', () => {
    expect(parseCustomerForm('disconnect', { secureKey: 'k' })).toEqual({ secureKey: 'k' });
  });

  it.each([
    ['no name', 'requestChat', {}, 'NameRequired'],
    ['a first name alone', 'requestChat', { firstName: 'Ann' }, 'LastNameRequired'],
    ['a last name alone', 'requestChat', { lastName: 'Lee' }, 'FirstNameRequired'],
    ['a blank name', 'requestChat', { nickname: ' ' }, 'NameRequired'],
    ['no address', 'requestChat', { nickname: 'P', emailAddress: 'nobody' }, 'EmailInvalid'],
    ['a list of user data', 'requestChat', { nickname: 'P', userData: ['x'] }, 'InvalidParameter'],
    [
      'a long key of user data',
      'requestChat',
      { nickname: 'P', userData: { ['k'.repeat(bounds.userDataKeyLength + 1)]: 'v' } },
      'InvalidParameter',
    ],
    ['no secure key', 'refresh', {}, 'MissingParameter'],
    ['an empty message', 'send', { secureKey: 'k', message: '' }, 'MissingParameter'],
    [
      'a long message',
      'send',
      { secureKey: 'k', message: 'x'.repeat(bounds.textLength + 1) },
      'MessageTooLong',
    ],
    [
      'a long preview',
      'startTyping',
      { secureKey: 'k', message: 'x'.repeat(bounds.textLength + 1) },
      'MessageTooLong',
    ],
    ['a position below 0', 'refresh', { secureKey: 'k', transcriptPosition: '-1' }, 'InvalidParameter'],
    ['a position in words', 'refresh', { secureKey: 'k', transcriptPosition: 'all' }, 'InvalidParameter'],
  ] as const)('is refused: %s', (_what, form, fields, refused) => {
    expect(parseCustomerForm(form, fields)).toMatchObject({ refused });
  });

  it('does with a first and a last name', () => {
    const fields = { firstName: 'Ann', lastName: 'Lee' };
    expect(parseCustomerForm('requestChat', fields)).toEqual(fields);
  });
});
