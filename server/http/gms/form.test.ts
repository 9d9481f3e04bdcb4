import { expect, test } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { readForm } from './form.ts';

const form = 'application/x-www-form-urlencoded';

async function fieldsOf(body: string, contentType: string): Promise<Readonly<Record<string, unknown>>> {
  const read = await readForm(body, contentType);
  if (isRefusal(read)) throw new Error(read.detail);
  return read.fields;
}

test('a form is read, userData gathered from bracketed keys', async () => {
  expect(await fieldsOf('nickname=Ann&userData[a]=1&userData%5Bb%5D=2', form)).toEqual({
    nickname: 'Ann',
    userData: { a: '1', b: '2' },
  });
});

test.each([
  ['userData["k"]=v', '"k"'],
  ["userData['k']=v", "'k'"],
  ['userData%5B%22k%22%5D=v', 'encoded quotes'],
])('one pair of quotes around a key is cut (%s)', async (body) => {
  expect(await fieldsOf(body, form)).toEqual({ userData: { k: 'v' } });
});

test('quotes that do not belong together stay', async () => {
  expect(await fieldsOf(`userData["k']=v`, form)).toEqual({ userData: { [`"k'`]: 'v' } });
});

test('a leading & and a wrong content type do not matter', async () => {
  expect(await fieldsOf('&userId=1&message=a+b%20c', 'text/plain;charset=UTF-8')).toEqual({
    userId: '1',
    message: 'a b c',
  });
});

test('a url that was not encoded is taken up to the next field', async () => {
  expect(await fieldsOf('pushUrl=http://x/y?z=1', form)).toEqual({ pushUrl: 'http://x/y?z=1' });
});

test('JSON is taken as it is, with or without its content type', async () => {
  expect(await fieldsOf('{"message":"hi","userData":{"a":1}}', 'application/json')).toEqual({
    message: 'hi',
    userData: { a: 1 },
  });
  expect(await fieldsOf(' {"message":"hi"}', form)).toEqual({ message: 'hi' });
});

test.each(['[1]', '"x"', 'null', '{"a":'])('%s is refused as JSON', async (body) => {
  expect(isRefusal(await readForm(body, 'application/json'))).toBe(true);
});

test('an empty body has no fields', async () => {
  expect(await fieldsOf('', form)).toEqual({});
  expect(await fieldsOf('', 'application/json')).toEqual({});
});

test('of a repeated field the last counts, and a name of our own is a name like any', async () => {
  expect(await fieldsOf('message=a&message=b&refused=NotFound', form)).toEqual({
    message: 'b',
    refused: 'NotFound',
  });
});

test('prototype keys are plain keys', async () => {
  const read = await fieldsOf('__proto__=x&userData[__proto__]=y&userData[constructor]=z', form);
  expect(Object.getPrototypeOf(read)).toBeNull();
  expect(Object.hasOwn(read, '__proto__')).toBe(true);
  const { userData } = read as { userData: object };
  expect(Object.keys(userData)).toEqual(['__proto__', 'constructor']);
});
