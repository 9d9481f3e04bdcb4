import type { AgentId, ChatId } from '../domain/ids.ts';
import { planDay, type DayPlan, type DaySize, type PlannedAgent, type PlannedChat } from './day-plan.ts';
import { excludedUntilMs, mismatchOf } from './eligibility.ts';
import { EventCalendar } from './event-calendar.ts';
import { createRoutingLoop, type RoutingLoop } from './loop.ts';
import { isOpen } from '../domain/business-hours.ts';
import { departuresOf, type Departures } from './queue-rules.ts';
import { requirementAfter, type RelaxationStep } from './relaxation.ts';
import { exponential, integerBetween, type Random } from './seeded-random.ts';
import type { ReadyAgent, RoutingAssignment, RoutingSnapshot, WaitingChat } from './snapshot.ts';

/** How people behave. Shares are of all offers; durations in milliseconds. */
export interface DayHabits {
  readonly noAnswerShare: number;
  readonly rejectShare: number;
  readonly offerTimeoutMs: number;
  /** How long an agent who did not answer is not ready, and how long the chat is not offered to them again. */
  readonly notReadyAfterNoAnswerMs: number;
  readonly exclusionMs: number;
  readonly meanChatMs: number;
  readonly afterChatMs: number;
  /** The service level counts the chats that an agent accepted within this time. */
  readonly answerGoalMs: number;
}

/** A day that is not over by then will never be: somebody rejects every offer for ever. */
const longestDayMs = 7 * 24 * 60 * 60_000;

const usualHabits: DayHabits = {
  noAnswerShare: 0.02,
  rejectShare: 0.01,
  offerTimeoutMs: 30_000,
  notReadyAfterNoAnswerMs: 120_000,
  exclusionMs: 60_000,
  meanChatMs: 330_000,
  afterChatMs: 20_000,
  answerGoalMs: 20_000,
};

/** How the chats of one queue were served; `serviceLevel` is the share of those answered within the goal, 0 to 1. */
export interface QueueReport {
  readonly answered: number;
  readonly serviceLevel: number;
  readonly meanWaitMs: number;
  readonly p95WaitMs: number;
  readonly longestWaitMs: number;
}

/** What came of the day. `serviceLevel` and the waits are those of all queues together. */
export interface DayReport extends QueueReport {
  readonly chats: number;
  readonly offers: number;
  readonly noAnswers: number;
  readonly rejections: number;
  /** Chats that came outside of their queue's hours; they are not answered. */
  readonly refused: number;
  /** Chats that went to another queue because they waited too long. */
  readonly overflows: number;
  /** Offers to agents whom the chat would not have gone to without relaxation. */
  readonly relaxedOffers: number;
  /** Offers by the rule that made them. */
  readonly lastAgentOffers: number;
  /** The most chats that waited at one moment. */
  readonly longestQueue: number;
  readonly rounds: number;
  readonly byQueue: Readonly<Record<string, QueueReport>>;
  /** A sentence for each broken rule: an offer of a chat that does not wait, too many chats, an idle agent. */
  readonly violations: readonly string[];
  /** A number made of every offer, its time and its reason in order: two days with the same digest are the same day. */
  readonly digest: number;
}

interface AgentAtWork {
  readonly plan: PlannedAgent;
  /** Whether the shift says that they take chats, and until when a missed offer says that they do not. */
  onShift: boolean;
  notReadyUntilMs: number;
  readySinceMs: number;
  load: number;
}

interface ChatUnderWay {
  readonly plan: PlannedChat;
  state: 'planned' | 'waiting' | 'offered' | 'answered';
  /** The chat as it was queued; what it asks for by now is worked out for each round. */
  asWaiting: WaitingChat;
  relaxation: readonly RelaxationStep[];
}

function reportOf(waits: readonly number[], answerGoalMs: number): QueueReport {
  const sorted = waits.toSorted((one, other) => one - other);
  const answered = sorted.length;
  const inTime = sorted.filter((ms) => ms <= answerGoalMs).length;
  return {
    answered,
    serviceLevel: Math.round((10_000 * inTime) / Math.max(1, answered)) / 10_000,
    meanWaitMs: Math.round(sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(1, answered)),
    p95WaitMs: sorted[Math.floor(answered * 0.95)] ?? 0,
    longestWaitMs: sorted.at(-1) ?? 0,
  };
}

function mixInto(digest: number, text: string): number {
  let mixed = digest;
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return mixed >>> 0;
}

/** A contact centre of simulated people, routed by the real loop on a calendar instead of a clock. */
class SimulatedDay {
  readonly #calendar = new EventCalendar(0);
  readonly #random: Random;
  readonly #habits: DayHabits;
  readonly #agents = new Map<AgentId, AgentAtWork>();
  readonly #chats = new Map<ChatId, ChatUnderWay>();
  readonly #waiting = new Map<ChatId, ChatUnderWay>();
  readonly #queues: DayPlan['queues'];
  readonly #lastAgents = new Map<number, AgentId>();
  readonly #turns: (() => void)[] = [];
  readonly #loop: RoutingLoop;
  readonly #waitsMs = new Map<string, number[]>();
  readonly #violations: string[] = [];
  readonly #count = {
    offers: 0,
    noAnswers: 0,
    rejections: 0,
    refused: 0,
    overflows: 0,
    relaxedOffers: 0,
    lastAgentOffers: 0,
    longestQueue: 0,
    rounds: 0,
  };
  #digest = 0x811c9dc5;

  constructor(plan: DayPlan, random: Random, habits: DayHabits) {
    this.#random = random;
    this.#habits = habits;
    this.#queues = plan.queues;
    this.#loop = createRoutingLoop({
      clock: this.#calendar,
      schedule: (turn) => void this.#turns.push(turn),
      snapshot: () => this.#snapshot(),
      apply: (assignment) => this.#offer(assignment),
      afterRound: () => this.#sendOn(),
      onError: (error) => void this.#violations.push(String(error)),
    });
    for (const one of plan.agents) this.#planAgent(one);
    for (const one of plan.chats) this.#planChat(one);
  }

  run(): DayReport {
    while (this.#calendar.runNext()) {
      for (let turn = this.#turns.shift(); turn; turn = this.#turns.shift()) turn();
      // Only when everything that happens at this moment has happened.
      if (this.#calendar.nextAtMs() !== this.#calendar.now()) this.#checkNobodyIdle();
      if (this.#calendar.now() > longestDayMs)
        throw new Error('chats are offered and not answered for a week');
    }
    this.#loop.stop();
    const { answerGoalMs } = this.#habits;
    const queues = [...this.#waitsMs].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return {
      ...this.#count,
      ...reportOf([...this.#waitsMs.values()].flat(), answerGoalMs),
      chats: this.#chats.size,
      byQueue: Object.fromEntries(queues.map(([name, waits]) => [name, reportOf(waits, answerGoalMs)])),
      violations: this.#violations,
      digest: this.#digest,
    };
  }

  #after(ms: number, callback: () => void): void {
    this.#calendar.setTimer(this.#calendar.now() + ms, callback);
  }

  #planAgent(plan: PlannedAgent): void {
    const agent: AgentAtWork = { plan, onShift: false, notReadyUntilMs: 0, readySinceMs: 0, load: 0 };
    this.#agents.set(plan.agentId, agent);
    for (const { atMs, ready } of plan.turns)
      this.#calendar.setTimer(atMs, () => {
        agent.onShift = ready;
        if (ready) this.#free(agent);
      });
  }

  #planChat(plan: PlannedChat): void {
    const { contact, atMs: waitingSinceMs, relaxation, ...asked } = plan;
    const asWaiting: WaitingChat = { ...asked, waitingSinceMs, lastAgentId: null, exclusions: [] };
    const chat: ChatUnderWay = { plan, state: 'planned', asWaiting, relaxation };
    this.#chats.set(plan.chatId, chat);
    this.#calendar.setTimer(plan.atMs, () => {
      const hours = this.#queues.get(plan.queue)?.hours;
      if (hours && !isOpen(hours, this.#calendar.now())) {
        this.#count.refused += 1;
        return;
      }
      chat.asWaiting = { ...asWaiting, lastAgentId: this.#lastAgents.get(contact) ?? null };
      this.#queue(chat);
    });
  }

  /** The chat as the router sees it now. */
  #seen({ asWaiting, relaxation }: ChatUnderWay): WaitingChat {
    const { waitingSinceMs } = asWaiting;
    const waitedMs = this.#calendar.now() - waitingSinceMs;
    const { skills, nextAfterMs } = requirementAfter(waitedMs, asWaiting.skills, relaxation);
    const relaxes = nextAfterMs === null ? {} : { nextRelaxationAtMs: waitingSinceMs + nextAfterMs };
    return { ...asWaiting, skills, ...relaxes };
  }

  #departures(): Departures {
    const patient = Array.from(this.#waiting.values(), ({ asWaiting }) => ({
      ...asWaiting,
      isStaffed: () => true,
    }));
    const rulesOf = (queue: string) => this.#queues.get(queue)?.rules;
    return departuresOf(this.#calendar.now(), patient, { rulesOf, isStaffed: () => true });
  }

  /** Whoever has waited too long goes to the other queue, which asks for the language only. */
  #sendOn(): number | null {
    const { departures, nextAtMs } = this.#departures();
    for (const departure of departures) {
      const chat = this.#chats.get(departure.chatId);
      if (!chat || departure.kind === 'End') throw new Error('no chat of the day ends unanswered');
      const skills = chat.asWaiting.skills.slice(0, 1);
      chat.asWaiting = { ...chat.asWaiting, queue: departure.queue, skills };
      chat.relaxation = [];
      this.#count.overflows += 1;
      this.#loop.wake();
    }
    return nextAtMs;
  }

  #queue(chat: ChatUnderWay): void {
    chat.state = 'waiting';
    this.#waiting.set(chat.plan.chatId, chat);
    this.#count.longestQueue = Math.max(this.#count.longestQueue, this.#waiting.size);
    this.#loop.wake();
  }

  /** The agent's turn starts anew: they are ready again or have one chat less. */
  #free(agent: AgentAtWork): void {
    agent.readySinceMs = this.#calendar.now();
    this.#loop.wake();
  }

  #isReady(agent: AgentAtWork): boolean {
    return agent.onShift && agent.notReadyUntilMs <= this.#calendar.now();
  }

  #readyAgent({ plan, load, readySinceMs }: AgentAtWork): ReadyAgent {
    const { agentId, skills, queues, capacity } = plan;
    return { agentId, skills, queues, capacity, load, readySinceMs };
  }

  #snapshot(): RoutingSnapshot {
    this.#count.rounds += 1;
    const waiting = Array.from(this.#waiting.values(), (chat) => this.#seen(chat));
    const ready = [...this.#agents.values()].filter((agent) => this.#isReady(agent));
    return { nowMs: this.#calendar.now(), waiting, agents: ready.map((agent) => this.#readyAgent(agent)) };
  }

  #offer({ chatId, agentId, reason }: RoutingAssignment): void {
    const [chat, agent] = [this.#chats.get(chatId), this.#agents.get(agentId)];
    if (!chat || !agent) throw new Error(`an offer of ${chatId} to ${agentId}: one of them does not exist`);
    this.#checkOffer(chat, agent);
    this.#digest = mixInto(
      this.#digest,
      `${this.#calendar.now()} ${chatId} ${agentId} ${JSON.stringify(reason)}`,
    );
    this.#count.offers += 1;
    if (reason.rule === 'last-agent') this.#count.lastAgentOffers += 1;
    if (mismatchOf(this.#readyAgent(agent), chat.asWaiting)) this.#count.relaxedOffers += 1;
    this.#waiting.delete(chatId);
    chat.state = 'offered';
    agent.load += 1;
    agent.readySinceMs = this.#calendar.now();

    const { noAnswerShare, rejectShare, offerTimeoutMs } = this.#habits;
    const chance = this.#random();
    if (chance < noAnswerShare) this.#after(offerTimeoutMs, () => this.#notAnswered(chat, agent));
    else if (chance < noAnswerShare + rejectShare) this.#after(5_000, () => this.#rejected(chat, agent));
    else this.#after(integerBetween(this.#random, 1_000, 8_000), () => this.#answered(chat, agent));
  }

  #notAnswered(chat: ChatUnderWay, agent: AgentAtWork): void {
    this.#count.noAnswers += 1;
    agent.notReadyUntilMs = this.#calendar.now() + this.#habits.notReadyAfterNoAnswerMs;
    this.#after(this.#habits.notReadyAfterNoAnswerMs, () => this.#free(agent));
    this.#giveBack(chat, agent);
  }

  #rejected(chat: ChatUnderWay, agent: AgentAtWork): void {
    this.#count.rejections += 1;
    this.#giveBack(chat, agent);
  }

  #giveBack(chat: ChatUnderWay, agent: AgentAtWork): void {
    const { agentId } = agent.plan;
    const untilMs = this.#calendar.now() + this.#habits.exclusionMs;
    const others = chat.asWaiting.exclusions.filter((one) => one.agentId !== agentId);
    chat.asWaiting = { ...chat.asWaiting, exclusions: [...others, { agentId, untilMs }] };
    agent.load -= 1;
    this.#queue(chat);
    this.#free(agent);
  }

  #answered(chat: ChatUnderWay, agent: AgentAtWork): void {
    chat.state = 'answered';
    const waits = this.#waitsMs.get(chat.plan.queue) ?? [];
    waits.push(this.#calendar.now() - chat.plan.atMs);
    this.#waitsMs.set(chat.plan.queue, waits);
    const { meanChatMs, afterChatMs } = this.#habits;
    const takesMs = Math.round(30_000 + exponential(this.#random, meanChatMs - 30_000));
    this.#after(takesMs + afterChatMs, () => {
      this.#lastAgents.set(chat.plan.contact, agent.plan.agentId);
      agent.load -= 1;
      this.#free(agent);
    });
  }

  #checkOffer(chat: ChatUnderWay, agent: AgentAtWork): void {
    const nowMs = this.#calendar.now();
    const where = `${chat.plan.chatId} to ${agent.plan.agentId} at ${nowMs} ms`;
    if (chat.state !== 'waiting') this.#violations.push(`${where}: offered while ${chat.state}`);
    if (!this.#isReady(agent)) this.#violations.push(`${where}: the agent is not ready`);
    if (agent.load >= agent.plan.capacity) this.#violations.push(`${where}: over capacity`);
    if (mismatchOf(this.#readyAgent(agent), this.#seen(chat)))
      this.#violations.push(`${where}: does not suit`);
    if (excludedUntilMs(chat.asWaiting, agent.plan.agentId, nowMs) !== null)
      this.#violations.push(`${where}: excluded`);
  }

  /** Nobody waits for whom an agent who is ready has room, and nobody stays for longer than their queue lets them. */
  #checkNobodyIdle(): void {
    if (this.#waiting.size === 0) return;
    const nowMs = this.#calendar.now();
    for (const { chatId } of this.#departures().departures)
      this.#violations.push(`${chatId} has waited too long at ${nowMs} ms and is in its queue yet`);
    const withRoom = [...this.#agents.values()]
      .filter((agent) => agent.load < agent.plan.capacity && this.#isReady(agent))
      .map((agent) => this.#readyAgent(agent));
    if (withRoom.length === 0) return;
    for (const chat of this.#waiting.values()) {
      const asWaiting = this.#seen(chat);
      const idle = withRoom.find(
        (agent) => !mismatchOf(agent, asWaiting) && excludedUntilMs(asWaiting, agent.agentId, nowMs) === null,
      );
      if (idle)
        this.#violations.push(`${asWaiting.chatId} waits at ${nowMs} ms while ${idle.agentId} is idle`);
    }
  }
}

/**
 * Plays a day of a contact centre through the routing loop: shifts, breaks, offers that are rejected or not answered,
 * chats that take their time, people who write again. It ends when each chat has been answered and finished, or when
 * nothing more can happen; it throws when that takes more than a week. Everything comes from `random`: the same seed plays the same day.
 */
export function simulateDay(random: Random, size: DaySize, habits: Partial<DayHabits> = {}): DayReport {
  return new SimulatedDay(planDay(random, size), random, { ...usualHabits, ...habits }).run();
}
