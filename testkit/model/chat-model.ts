import type { ChatRole, Visibility } from '@parley/server/domain/chat-event.ts';
import type { Name } from './world.ts';

/** By whom each role is seen. Written anew here, from the reference and not from the server's table. */
const audienceOf: Record<ChatRole, Visibility> = {
  Handler: 'All',
  Member: 'All',
  BargeIn: 'All',
  Consultant: 'Agents',
  Coach: 'Agents',
  Monitor: 'Supervisors',
};

const reach: Record<Visibility, number> = { All: 0, Agents: 1, Supervisors: 2 };
const isSupervisor = (role: ChatRole): boolean =>
  role === 'Monitor' || role === 'Coach' || role === 'BargeIn';
const sees = (role: ChatRole, what: Visibility): boolean => isSupervisor(role) || what !== 'Supervisors';
const carries = (role: ChatRole): boolean => role === 'Handler' || role === 'Member';

/** What a chat should be to each of its people: seats, open offers and who may read which text. */
export class ChatModel {
  readonly seats = new Map<Name, ChatRole>();
  readonly offers = new Map<Name, { readonly role: ChatRole; readonly by?: Name }>();
  readonly texts: { readonly text: string; readonly audience: Visibility }[] = [];
  isOver = false;

  customerSays(text: string): void {
    this.texts.push({ text, audience: 'All' });
  }

  says(name: Name, text: string, to: Visibility): void {
    const role = this.seats.get(name);
    if (!role) return;
    const own = audienceOf[role];
    this.texts.push({ text, audience: reach[own] > reach[to] ? own : to });
  }

  accepts(name: Name): void {
    const role = this.offers.get(name)?.role ?? 'Handler';
    this.offers.delete(name);
    if (!this.isOver) this.seats.set(name, role);
  }

  /** The agent's seat is empty; when nobody carries the chat any more, so are all others. */
  leaves(name: Name): void {
    this.seats.delete(name);
    for (const [other, { by }] of this.offers) if (by === name) this.offers.delete(other);
    if ([...this.seats.values()].some(carries)) return;
    this.seats.clear();
    for (const [other, { role }] of this.offers) if (role !== 'Handler') this.offers.delete(other);
  }

  /** What somebody in the seat should have read. */
  readBy(name: Name): readonly string[] | null {
    const role = this.seats.get(name);
    return role ? this.texts.flatMap(({ text, audience }) => (sees(role, audience) ? [text] : [])) : null;
  }

  readByCustomer(): readonly string[] {
    return this.texts.flatMap(({ text, audience }) => (audience === 'All' ? [text] : []));
  }

  /** Whom somebody in the seat should see there, themself included. */
  seenBy(name: Name): readonly Name[] {
    const role = this.seats.get(name);
    return role ? [...this.seats].flatMap(([other, is]) => (sees(role, audienceOf[is]) ? [other] : [])) : [];
  }
}
