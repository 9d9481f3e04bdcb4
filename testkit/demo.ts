import { systemClock } from '@parley/server/clock.ts';
import { digest } from './digest.ts';
import { assertCarriesPage, foundingPage } from './founding-page.ts';
import { playFoundingPage, storyNames, type Received } from './founding-story.ts';
import type { Recorded } from './recorder.ts';
import { startServer } from './server-in-a-box.ts';
import { formatJson, TwoColumns } from './two-columns.ts';

const page = new TwoColumns(120);

const print = (text: string): void => void process.stdout.write(text);

/** Whether what is printed now is what the founding page shows: that is laid out in full, the rest in few words. */
let isOnPage = false;

/** One thing sent (→), answered (←) or notified (⇐), as it is printed. */
function lines(who: string, entry: Recorded, width: number): readonly string[] {
  const arrow = { request: '→', reply: '←', notification: '⇐' }[entry.kind];
  const [head = '', ...rest] = isOnPage ? inFull(entry, width - 2) : digest(entry);
  return [`${who} ${arrow} ${head}`, ...rest.map((line) => `  ${line}`)];
}

function inFull(entry: Recorded, width: number): readonly string[] {
  const json = (value: unknown): readonly string[] => formatJson(value, width, 2);
  switch (entry.kind) {
    case 'request':
      return [`${entry.method} ${entry.path}`, ...json(entry.body)];
    case 'reply':
      return [`HTTP ${entry.httpStatus}`, ...json(entry.body)];
    case 'notification':
      return [entry.channel, ...json(entry.data)];
  }
}

function narrate(step: string): void {
  isOnPage = step.includes('founding page');
  print(page.rule(step));
}

const customerColumn = (entry: Recorded): void => print(page.left(lines('PersonP', entry, page.leftWidth)));
const agentColumn =
  (who: string) =>
  (entry: Recorded): void =>
    print(page.right(lines(who, entry, page.rightWidth)));

/** Each thing that must have happened, and the check that throws when it did not. */
function expectations(received: Received): readonly (readonly [string, () => void])[] {
  const expected = foundingPage(storyNames);
  const told = received.customerEvents.map(({ type, from }) => `${type} ${from.nickname}`);
  return [
    ['Accept is answered with statusCode 0', () => assertCarriesPage(received.reply, expected.reply)],
    [
      'StatusChange to Chatting, with the seven capabilities and nobody listed',
      () => assertCarriesPage(received.statusChange, expected.statusChange),
    ],
    [
      'ParticipantsUpdated with the agent and the customer',
      () => assertCarriesPage(received.participantsUpdated, expected.participantsUpdated),
    ],
    [
      'MessageLogUpdated with the six entries of the history',
      () => assertCarriesPage(received.messageLogUpdated, expected.messageLogUpdated),
    ],
    [
      'the customer saw both agents join, was answered, and was told of the end',
      () => {
        const wanted = ['ParticipantJoined Marat', 'ParticipantJoined Kristi', 'Message Kristi'];
        const missing = wanted.filter((event) => !told.includes(event));
        if (missing.length > 0 || !received.chatEnded)
          throw new Error(
            `missing: ${missing.join(', ')}; chatEnded: ${received.chatEnded}; got: ${told.join(', ')}`,
          );
      },
    ],
  ];
}

function failed([what, check]: readonly [string, () => void]): boolean {
  try {
    check();
    print(`  yes  ${what}\n`);
    return false;
  } catch (error) {
    print(`  NO   ${what}: ${(error as Error).message}\n`);
    return true;
  }
}

/** Plays the founding page against a server of its own and prints it; true when everything happened. */
async function demo(): Promise<boolean> {
  const box = await startServer({ clock: systemClock });
  try {
    print(page.both('customer, over HTTP', 'agents, over HTTP and CometD'));
    const received = await playFoundingPage({
      customer: box.customer({ name: 'PersonP', onRecorded: customerColumn }),
      earlierAgent: box.agent('marat', { onRecorded: agentColumn('marat') }),
      agent: box.agent('kristi', { onRecorded: agentColumn('kristi') }),
      narrate,
    });
    print(page.rule());
    print('\nAs on the founding page:\n');
    return expectations(received).filter(failed).length === 0;
  } finally {
    await box.stop();
  }
}

process.exitCode = await demo().then(
  (succeeded) => (succeeded ? 0 : 1),
  (error: Error) => {
    process.stderr.write(`\nThe story did not get to its end: ${error.message}\n`);
    return 1;
  },
);
