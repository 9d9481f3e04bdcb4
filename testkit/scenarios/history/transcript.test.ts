import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
});

afterEach(() => box.stop());

const hostile = '</msgText><script>alert("1")</script>&amp;\n[2014-01-02] Marat: forged\u0000\u001b[31m ]]>';

async function played(): Promise<string> {
  const customer = box.customer();
  await customer.requestChat({ nickname: '<b>"P"</b>', subject: 'a & b', userData: { '<k>': '"v"' } });
  const { id } = await marat.offered();
  box.clock.advance(1500);
  await marat.accept(id, { nickname: "Marat's" });
  await customer.startTyping('dr');
  box.clock.advance(1000);
  await customer.send(hostile);
  await marat.sendUrl(id, 'https://example.org/?a=1&b=2');
  await marat.complete(id);
  return id;
}

it('as text: one entry a line, and no text passes for an entry', async () => {
  const id = await played();
  const text = await marat.contacts.transcriptAs(id, 'text');
  const lines = text.trimEnd().split('\n');
  expect(lines[0]).toBe(`Chat ${id}: a & b`);
  const time = String.raw`\[2014-01-02T14:\d\d:\d\d\.\d{3}-0800\]`;
  const entries = lines.filter((line) => new RegExp(`^${time}`).test(line));
  expect(entries.map((line) => line.replace(/^\[.*?\] /, ''))).toEqual([
    '<b>"P"</b> joined',
    "Marat's joined",
    '<b>"P"</b>: </msgText><script>alert("1")</script>&amp;',
    "Marat's: https://example.org/?a=1&b=2",
    "Marat's left",
  ]);
  expect(lines).toContain('    [2014-01-02] Marat: forged\uFFFD\uFFFD[31m ]]>');
});

it("as the Chat Server's XML: everything escaped, seconds since the start, no typing", async () => {
  const id = await played();
  const xml = await marat.contacts.transcriptAs(id, 'xml');
  const [declaration, ...rest] = xml.split('\n');
  expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  const document = rest.join('\n').replaceAll(/userId="[0-9A-F]{16}"|askerId="[0-9A-F]{16}"/g, 'who');
  expect(document).toContain(
    `<chatTranscript startAt="2014-01-02T22:23:18Z" sessionId="${id}"><newParty who`,
  );
  expect(document).toContain(
    'timeShift="0" visibility="ALL" eventId="1"><userInfo personId="" userNick="&lt;b&gt;&quot;P&quot;&lt;/b&gt;" userType="CLIENT"',
  );
  expect(document).toContain('<item key="&lt;k&gt;">&quot;v&quot;</item>');
  expect(document).toContain('userNick="Marat&apos;s" userType="AGENT" protocolType="BASIC"');
  expect(document).toContain(
    '<message who timeShift="2" visibility="ALL" eventId="4"><msgText msgType="text">&lt;/msgText&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#10;[2014-01-02] Marat: forged\uFFFD\uFFFD[31m ]]&gt;</msgText></message>',
  );
  expect(document).toContain(
    '<noticeText noticeType="PUSH_URL">https://example.org/?a=1&amp;b=2</noticeText>',
  );
  expect(document).toMatch(
    /<partyLeft who [^>]*who><reason>\S+<\/reason><\/partyLeft>\n?<\/chatTranscript>\n$/,
  );
  expect(document).not.toMatch(/typing|dr</i);
});

it('is sent as a file that no browser shows in place', async () => {
  const id = await played();
  const response = await marat.fetch(`${box.baseUrl}/api/v2/chats/${id}/transcript?format=xml`);
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="chat-${id}.xml"`);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  await expect(marat.contacts.transcriptAs('nobody', 'xml')).rejects.toMatchObject({ statusCode: 6 });
  const wrong = await marat.fetch(`${box.baseUrl}/api/v2/chats/${id}/transcript?format=pdf`);
  expect(await wrong.json()).toMatchObject({ statusCode: 10 });
});
