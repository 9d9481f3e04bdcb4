import { describe, expect, it } from 'vitest';
import { textMask, type Preset } from './text-mask.ts';

function masked(preset: Preset, text: string): string {
  return textMask([{ preset, replacement: '*', who: 'both' }], 'customer')?.(text) ?? '';
}

const stars = (length: number): string => '*'.repeat(length);

describe('card-number', () => {
  it.each([
    ['4111111111111111', stars(16)],
    ['my card is 4111 1111 1111 1111.', `my card is ${stars(19)}.`],
    ['4111-1111-1111-1111', stars(19)],
    ['4111 - 1111 - 1111 - 1111', stars(25)],
    ['378282246310005', stars(15)],
    ['4222222222222', stars(13)],
    ['6304000000000000000', stars(19)],
    ['card4111111111111111x', `card${stars(16)}x`],
    ['12 4111 1111 1111 1111 12/28 123', `12 ${stars(19)} 12/28 123`],
    ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', stars(31)],
    ['4111\u00a01111\u00a01111\u00a01111', stars(19)],
    ['4111\u200b1111\u20111111\n1111', stars(19)],
    ['４１１１１１１１１１１１１１１１', stars(16)],
    ['٤١١١١١١١١١١١١١١١', stars(16)],
    ['4111111111111111 and 5555555555554444', `${stars(16)} and ${stars(16)}`],
  ])('%j becomes %j', (text, wanted) => {
    expect(masked('card-number', text)).toBe(wanted);
  });

  it.each([
    '4111111111111112',
    'order 1234567890123456',
    '411111111111',
    '+49 30 901820, 2014-01-02T22:23:18Z',
    '41111111111111110000000000000000',
    'no digits at all',
    '',
  ])('%j stays', (text) => {
    expect(masked('card-number', text)).toBe(text);
  });
});

describe('iban', () => {
  it.each([
    ['DE89370400440532013000', stars(22)],
    ['to DE89 3704 0044 0532 0130 00 please', `to ${stars(27)} please`],
    ['de89 3704 0044 0532 0130 00', stars(27)],
    ['IBAN:GB82WEST12345698765432.', `IBAN:${stars(22)}.`],
    ['IBANGB82 WEST 1234 5698 7654 32', `IBAN${stars(27)}`],
    ['NO9386011117947', stars(15)],
    ['MT84 MALT 0110 0001 2345 MTLC AST0 01S', stars(38)],
  ])('%j becomes %j', (text, wanted) => {
    expect(masked('iban', text)).toBe(wanted);
  });

  it.each(['DE88370400440532013000', 'DE89', 'AB12 is a code', 'DE89 3704 0044 0532 0130 01'])(
    '%j stays',
    (text) => {
      expect(masked('iban', text)).toBe(text);
    },
  );
});

describe('us-ssn', () => {
  it.each([
    ['123-45-6789', stars(11)],
    ['SSN 123 45 6789!', `SSN ${stars(11)}!`],
    ['899.99.9999', stars(11)],
  ])('%j becomes %j', (text, wanted) => {
    expect(masked('us-ssn', text)).toBe(wanted);
  });

  it.each([
    '000-12-3456',
    '666-12-3456',
    '900-12-3456',
    '123-00-4567',
    '123-45-0000',
    '123-45 6789',
    '123456789',
    '1123-45-6789',
    '123-45-67890',
  ])('%j stays', (text) => {
    expect(masked('us-ssn', text)).toBe(text);
  });
});
