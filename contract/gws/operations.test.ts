import { describe, expect, it } from 'vitest';
import { bounds } from '../bounds.ts';
import { chatOperations } from './chat-operations.ts';
import { meOperations } from './me-operations.ts';
import { parseOperation, parseStateOperation } from './operations.ts';

const parse = (body: unknown) => parseOperation(chatOperations, body);
const accept = { operationName: 'Accept', nickname: 'Marat' };

describe('the body of an operation', () => {
  it('is read as the founding page has it', () => {
    const body = { operationName: 'Accept', nickname: 'agent-nickname-to-be-displayed-in-chat' };
    expect(parse(body)).toEqual(body);
  });

  it('may hold more keys, which do not come out', () => {
    expect(parse({ ...accept, saveLAR: true, color: 'blue', __proto__: { text: 'x' } })).toEqual({
      ...accept,
      saveLAR: true,
    });
  });

  it('takes null for an optional parameter as absent', () => {
    expect(parse({ ...accept, saveLAR: null })).toEqual(accept);
  });

  it.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
  ])('reads saveLAR %j as %s', (sent, read) => {
    expect(parse({ ...accept, saveLAR: sent })).toEqual({ ...accept, saveLAR: read });
  });

  it.each([
    ['no body', undefined, 'MissingParameter', 'no body'],
    ['an empty body', '', 'MissingParameter', 'no body'],
    ['null', null, 'MissingParameter', 'no body'],
    ['an array', [accept], 'InvalidParameter', 'JSON object'],
    ['a text', 'Accept', 'InvalidParameter', 'JSON object'],
    ['a number', 5, 'InvalidParameter', 'JSON object'],
    ['no operation name', { nickname: 'Marat' }, 'MissingParameter', '"operationName"'],
    ['an operation name that is no text', { operationName: 7 }, 'InvalidParameter', '"operationName"'],
    ['an unknown operation', { operationName: 'accept' }, 'UnknownOperation', '"accept"'],
    ['a name that every object knows', { operationName: 'constructor' }, 'UnknownOperation', '"constructor"'],
    ['a missing nickname', { operationName: 'Accept' }, 'MissingParameter', '"nickname"'],
    ['a null nickname', { ...accept, nickname: null }, 'MissingParameter', '"nickname"'],
    ['an empty nickname', { ...accept, nickname: '' }, 'InvalidParameter', '"nickname"'],
    ['a blank nickname', { ...accept, nickname: '  ' }, 'InvalidParameter', '"nickname"'],
    ['a long nickname', { ...accept, nickname: 'x'.repeat(65) }, 'InvalidParameter', '"nickname"'],
    ['a nickname that is no text', { ...accept, nickname: 7 }, 'InvalidParameter', '"nickname"'],
    ['a saveLAR that is neither', { ...accept, saveLAR: 'yes' }, 'InvalidParameter', 'true or false'],
    ['a message without text', { operationName: 'SendMessage' }, 'MissingParameter', '"text"'],
    ['a text that is none', { operationName: 'SendMessage', text: {} }, 'InvalidParameter', '"text"'],
    [
      'a text that is too long',
      { operationName: 'SendMessage', text: 'x'.repeat(bounds.textLength + 1) },
      'MessageTooLong',
      '"text"',
    ],
    [
      'a farewell that is too long',
      { operationName: 'Leave', text: 'x'.repeat(bounds.textLength + 1) },
      'MessageTooLong',
      '"text"',
    ],
    [
      'an unknown way to treat a text',
      { operationName: 'SendMessage', text: 'Hello', treatAs: 'Loud' },
      'InvalidParameter',
      'Normal, System',
    ],
    ['a transfer to nobody', { operationName: 'Transfer' }, 'MissingParameter', '"targetUri"'],
    [
      'a transfer to two',
      { operationName: 'Transfer', targetPath: '/users/1', queueName: 'sales' },
      'InvalidParameter',
      'Only one',
    ],
  ])('is refused: %s', (_what, body, refused, detail) => {
    expect(parse(body)).toEqual({ refused, detail: expect.stringContaining(detail) });
  });

  it('does not repeat a long operation name to its sender', () => {
    const refusal = parse({ operationName: 'x'.repeat(100_000) });
    expect(JSON.stringify(refusal).length).toBeLessThan(200);
  });
});

describe('an operation where agent states count too', () => {
  const states = new Set(['Ready', 'NotReady', 'Lunch', 'EndContactCenterSession']);
  const parseMe = (body: unknown) => parseStateOperation(meOperations, states, body);

  it('can be a state of the contact centre', () => {
    expect(parseMe({ operationName: 'Lunch' })).toEqual({
      operationName: 'SetAgentState',
      agentState: 'Lunch',
    });
  });

  it('goes before a state of the same name', () => {
    expect(parseMe({ operationName: 'EndContactCenterSession' })).toEqual({
      operationName: 'EndContactCenterSession',
    });
  });

  it('is refused when it is neither', () => {
    expect(parseMe({ operationName: 'SetAgentState' })).toMatchObject({ refused: 'UnknownOperation' });
  });

  it.each([[undefined], [[]], ['chat'], [[7]], [Array.from({ length: 33 }, () => 'chat')]])(
    'needs a list of channels to start a session, not %j',
    (channels) => {
      const refused = channels === undefined ? 'MissingParameter' : 'InvalidParameter';
      expect(parseMe({ operationName: 'StartContactCenterSession', channels })).toEqual({
        refused,
        detail: expect.stringContaining('"channels"'),
      });
    },
  );
});
