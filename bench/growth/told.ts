import { roundedFigures, type RunFigures } from '../chat/run-once.ts';
import type { Figures } from '../lib/bench-module.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { rounded } from '../lib/statistics.ts';

/** From the start of the process until it listens, and the part of it in which the server is put together. */
export type Start = { processMs: number; serverMs: number };

/** What one of `count` that are alike takes. */
export type Memory = { of: string; count: number; heapBytes: number; rssBytes: number };

/** `growth`: the largest processor time of a message by that of the first step. */
export type Measured = { title: string; steps: { name: string; figures: RunFigures }[]; growth: number };

type Found = {
  starts: Start;
  memory: Memory[];
  history: { messages: number; medianMs: number }[];
  /** A customer's tab that is pushed what it has missed. */
  catchUp: { messages: number; medianMs: number };
  ranges: Measured[];
  rounds: number;
  pairs: number;
  finishedChats: number;
};

/** Prints what was found and returns it for the last line. */
export function tell(found: Found): Figures {
  printFound(found);
  const { starts, memory, history, catchUp, ranges, finishedChats } = found;
  const goals = goalsOf(found);
  printGoals('Goals', goals);
  return {
    start: { processMs: rounded(starts.processMs, 0), serverMs: rounded(starts.serverMs, 0), finishedChats },
    memory: memory.map((one) => ({
      ...one,
      heapBytes: Math.round(one.heapBytes),
      rssBytes: Math.round(one.rssBytes),
    })),
    history: history.map(({ messages, medianMs }) => ({ messages, medianMs: rounded(medianMs) })),
    catchUp: { ...catchUp, medianMs: rounded(catchUp.medianMs) },
    ranges: ranges.map(({ title, steps, growth }) => ({
      title,
      growth: rounded(growth),
      steps: steps.map(({ name, figures }) => ({ name, ...roundedFigures(figures) })),
    })),
    goals: goals.map(({ goal, figure, met }) => ({ goal, figure, met: met ?? null })),
  };
}

function printFound({ starts, memory, history, ranges, rounds, pairs, finishedChats }: Found): void {
  printTable(
    `${pairs} pairs and what is there beside them; median of ${rounds}`,
    ['beside them', 'how many', 'msg/s', 'p50 ms', 'p99 ms', 'CPU µs/msg', 'others %'],
    ranges.flatMap(({ title, steps }) =>
      steps.map(({ name, figures }) => [
        ...[
          title,
          name,
          Math.round(figures.messagesPerSecond),
          rounded(figures.p50Ms),
          rounded(figures.p99Ms),
        ],
        ...[Math.round(figures.cpuUsPerMessage), Math.round(figures.others)],
      ]),
    ),
  );
  printTable(
    'Memory of the server',
    ['for each', 'of', 'heap bytes', 'resident bytes'],
    memory.map(({ of, count, heapBytes, rssBytes }) => [
      of,
      count,
      Math.round(heapBytes),
      Math.round(rssBytes),
    ]),
  );
  printTable(
    'From an accept to the history on the push connection of the agent',
    ['messages of history', 'median ms'],
    history.map(({ messages, medianMs }) => [messages, rounded(medianMs)]),
  );
  console.log(
    `\nStart with ${finishedChats} finished chats: ${rounded(starts.serverMs, 0)} ms, ` +
      `${rounded(starts.processMs, 0)} ms with the start of the process.`,
  );
}

function goalsOf({ starts, catchUp, ranges, finishedChats }: Found): Goal[] {
  return [
    {
      goal: `start with ${finishedChats} chats stored: 2 s at most`,
      figure: `${rounded(starts.processMs, 0)} ms`,
      met: starts.processMs <= 2_000,
    },
    {
      goal: `a customer catches up on ${catchUp.messages} messages by push in less than 300 ms`,
      figure: `${rounded(catchUp.medianMs)} ms`,
      met: catchUp.medianMs < 300,
    },
    ...ranges.map(({ title, growth }) => ({
      goal: `${title}: CPU time of a message grows to 1.2 × at most`,
      figure: `${rounded(growth)} ×`,
      met: growth <= 1.2,
    })),
  ];
}
