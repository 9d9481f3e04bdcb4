import Type from 'typebox';
import { durationMs, section, whole } from './schema-parts.ts';

interface Limits {
  readonly eventLoopLagMs: number;
  readonly oldestWaitingMs: number;
  readonly waitingEntries: number;
  readonly waitingCharacters: number;
  readonly memoryPercent: number;
}

const stage = (description: string, limits: Limits) =>
  Type.Object(
    {
      eventLoopLagMs: durationMs(
        { description: 'How late timers run, smoothed over a second.', default: limits.eventLoopLagMs },
        1,
      ),
      oldestWaitingMs: durationMs(
        {
          description: 'How long the oldest change has been waiting for the disk.',
          default: limits.oldestWaitingMs,
        },
        1,
      ),
      waitingEntries: whole(1, 65_536, {
        description: 'Changes that wait for the disk.',
        default: limits.waitingEntries,
      }),
      waitingCharacters: whole(1024, 67_108_864, {
        description: 'Their length as JSON.',
        default: limits.waitingCharacters,
      }),
      memoryPercent: whole(1, 100, {
        description: 'The heap in per cent of what Node may use, or all memory of what the container may.',
        default: limits.memoryPercent,
      }),
    },
    { ...section, description },
  );

export const overload = Type.Object(
  {
    refuseNewChats: stage(
      'From any of these on new chats are refused (error 240). So they are at `limits.openChats`.',
      {
        eventLoopLagMs: 500,
        oldestWaitingMs: 1000,
        waitingEntries: 8192,
        waitingCharacters: 16_777_216,
        memoryPercent: 85,
      },
    ),
    refuseMessages: stage(
      'From any of these on messages are refused too. Polls, acknowledgements, leaving and completing go on.',
      {
        eventLoopLagMs: 2000,
        oldestWaitingMs: 5000,
        waitingEntries: 32_768,
        waitingCharacters: 50_331_648,
        memoryPercent: 95,
      },
    ),
    recoverAtPercent: whole(1, 100, {
      description: 'What was refused is taken again once every signal is below so much of its limit.',
      default: 80,
    }),
    retryAfterMs: durationMs({ description: 'What `Retry-After` says meanwhile.', default: 5000 }, 1),
  },
  { ...section, description: 'When the server has too much to do, before it hurts the chats that go on.' },
);
