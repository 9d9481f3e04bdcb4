import { ParleyError } from '@parley/client/parley-error.ts';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startServer, type BoxOptions, type ServerInABox } from './server-in-a-box.ts';
import type { ManualClock } from './manual-clock.ts';

let box: ServerInABox<ManualClock> | undefined;

async function started(options: BoxOptions = {}): Promise<ServerInABox<ManualClock>> {
  box = await startServer(options);
  return box;
}

afterEach(async () => {
  await box?.stop();
  box = undefined;
});

describe('a server in a box', () => {
  it('takes what is to differ from the demo contact centre', async () => {
    const { agent } = await started({
      config: { agents: [{ userName: 'ann', password: 'secret', roles: ['agent'] }] },
    });
    expect((await agent('ann', { password: 'secret' }).signIn()).userName).toBe('ann');
    await expect(agent('marat').signIn()).rejects.toMatchObject({
      name: 'ParleyError',
      statusCode: 20,
      httpStatus: 403,
    });
  });

  it('stands at the moment of the founding page, in its time zone', async () => {
    const { agent, customer } = await started();
    const marat = agent('marat');
    await marat.goToWork();
    await customer().requestChat({ nickname: 'PersonP' });
    expect((await marat.offered()).receivedDate).toBe('2014-01-02T14:23:18.000-0800');
  });

  it('takes an unanswered offer back when its clock is turned', async () => {
    const { agent, customer, clock } = await started();
    const marat = agent('marat');
    await marat.goToWork();
    await customer().requestChat({ nickname: 'PersonP' });
    const offer = await marat.offered();
    clock.advance(60_000);
    expect((await marat.stateOf('Revoked')).chat.id).toBe(offer.id);
  });

  it('goes on where it stopped when it is started again: chat, customer, agent and push', async () => {
    const { agent, customer, restart } = await started();
    const marat = agent('marat');
    const personP = customer();
    await marat.goToWork();
    await personP.requestChat({ nickname: 'PersonP' });
    const { id } = await marat.offered();
    await marat.accept(id, { nickname: 'Marat' });
    await marat.logged();
    const renewed = new Promise((resolve) => marat.on('renewed', resolve));
    await restart();
    await renewed;
    expect(await marat.chats()).toMatchObject([{ id, state: 'Chatting' }]);
    const { position } = marat.recorder;
    await personP.send('still there?');
    const { messages } = await marat.logged({ after: position });
    expect(messages).toMatchObject([{ index: 3, text: 'still there?' }]);
    expect((await personP.refresh(1)).messages.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  it('leaves nothing behind', async () => {
    const { dataFolder, baseUrl, stop } = await startServer();
    expect(existsSync(dataFolder)).toBe(true);
    await stop();
    expect(existsSync(dataFolder)).toBe(false);
    await expect(fetch(`${baseUrl}/api/v2/me`)).rejects.toThrow(TypeError);
  });

  it('refuses a configuration that the server would refuse', async () => {
    await expect(startServer({ config: { services: [{ name: 'x', queue: 'nowhere' }] } })).rejects.toThrow(
      'nowhere',
    );
  });

  it('lets the SDK work the whole of a chat', async () => {
    const { agent, customer } = await started();
    const marat = agent('marat');
    const personP = customer();
    await marat.goToWork();
    await personP.requestChat({ nickname: 'PersonP', userData: { Plan: 'gold' }, text: 'first' });
    const { id, userData } = await marat.offered();
    expect(userData).toMatchObject({ Plan: 'gold' });
    await expect(marat.sendMessage(id, 'too early')).rejects.toBeInstanceOf(ParleyError);
    await marat.accept(id, { nickname: 'Marat', saveLAR: true });
    await marat.setInFocus(id);
    await marat.startTyping(id);
    await marat.sendMessage(id, 'second', { messageType: 'Greeting' });
    await marat.stopTyping(id);
    expect((await marat.chat(id)).state).toBe('Chatting');
    await personP.stopTyping();
    const types = (await marat.messages(id, { startIndex: 2, count: 4 })).map(({ index, type }) => [
      index,
      type,
    ]);
    expect(types).toEqual([
      [2, 'Text'],
      [3, 'ParticipantJoined'],
      [4, 'TypingStarted'],
      [5, 'Text'],
    ]);
    await marat.leave(id, { text: 'goodbye' });
    await marat.complete(id);
    const told: string[] = [];
    for await (const event of personP.poll({ everyMs: 10 }))
      told.push(`${event.index} ${event.type} ${event.text ?? ''}`);
    expect(told).toMatchSnapshot();
    expect(await marat.chats()).toEqual([]);
    await marat.endSession();
    await expect(marat.me()).rejects.toMatchObject({ statusCode: 20 });
  });
});
