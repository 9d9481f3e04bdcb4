import { agentName, benchPassword, customerName, words } from './orders.ts';
import type { Pair, PairEvents } from './sides.ts';
import { fullJid, XmppSession } from './xmpp-session.ts';

/**
 * A customer and an agent who are two users of an XMPP server. The customer is answered by the acknowledgement of
 * XEP-0198, which ejabberd sends when the copy in the customer's archive is committed; the agent's copy is committed
 * before the agent has the message.
 */
export async function openXmppPair(port: number, pair: number, events: PairEvents): Promise<Pair> {
  const password = benchPassword;
  const agent = await XmppSession.open(port, { userName: agentName(pair), password });
  await agent.receiveMessages((stanza) => {
    const [, atUs, n] = /<body>~(\d+)~(\d+)~/.exec(stanza) ?? [];
    if (atUs === undefined) throw new Error(`not a message of this benchmark: ${stanza}`);
    events.received(Number(atUs), Number(n));
  });
  const customer = await XmppSession.open(port, { userName: customerName(pair), password });
  await customer.askForAcknowledgements(events.answered);
  const to = fullJid(agentName(pair));
  return { say: (atUs, n) => customer.say(to, `~${atUs}~${n}~${words}`) };
}
