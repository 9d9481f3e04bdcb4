import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const machine = { timeZone: 'Europe/Tallinn' };

function problemsOf(file: object): readonly string[] {
  try {
    readConfig(file, { machine });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const withQueue = (queue: object, rest: object = {}) => ({
  skills: ['english'],
  queues: [{ name: 'support', ...queue }, { name: 'other' }],
  ...rest,
});

describe('hours, relaxation and overflow', () => {
  it('are taken when they make sense', () => {
    const file = withQueue(
      {
        relaxation: [
          { afterMs: 1, skills: [{ skill: 'english' }] },
          { afterMs: 2, skills: [] },
        ],
        businessHours: 'office',
        overflowQueue: 'other',
        whenFull: 'Overflow',
      },
      { businessHours: [{ name: 'office', monday: ['09:00-24:00'], holidays: [{ date: '2028-02-29' }] }] },
    );
    const config = readConfig(file, { machine });
    expect(config.businessHours[0]).toMatchObject({ timeZone: 'Europe/Tallinn', tuesday: [] });
    expect(config.queues[0]?.relaxation[0]?.skills).toEqual([{ skill: 'english', level: 1 }]);
  });

  it('are taken as the documentation shows them', async () => {
    const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split('## When a queue serves whom');
    const example: unknown = parse(section.match(/```yaml\n([^]*?)```/)?.[1] ?? '');
    const config = readConfig(example, { machine });
    expect(config.businessHours[0]?.holidays).toHaveLength(2);
    expect(config.queues[0]).toMatchObject({ name: 'billing', overflowQueue: 'support' });
  });

  it.each([
    [{ relaxation: [{ afterMs: 5 }, { afterMs: 5 }] }, 'queues[0].relaxation[1].afterMs: found 5'],
    [{ relaxation: [{ afterMs: 5, skills: [{ skill: 'englsh' }] }] }, 'did you mean "english"?'],
    [{ businessHours: 'offce' }, 'queues[0].businessHours: there is no table "offce"'],
    [{ whenFull: 'Overflow' }, 'queues[0].whenFull: "Overflow" needs'],
    [{ whenUnstaffed: 'Overflow' }, 'queues[0].whenUnstaffed: "Overflow" needs'],
    [{ whenWaitedTooLong: 'Overflow' }, 'queues[0].whenWaitedTooLong: "Overflow" needs'],
    [{ overflowQueue: 'othr' }, 'did you mean "other"?'],
    [{ overflowQueue: 'support' }, 'leads back to it'],
  ])('%j is refused', (queue, sentence) => {
    const problems = problemsOf(withQueue(queue));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });

  it('lead in no circle of queues', () => {
    const queues = [
      { name: 'support', overflowQueue: 'b' },
      { name: 'b', overflowQueue: 'support' },
      { name: 'c', overflowQueue: 'b' },
    ];
    expect(problemsOf({ queues })).toEqual([
      expect.stringContaining(`"support" leads back`),
      expect.stringContaining(`"b" leads back`),
    ]);
  });

  it.each([
    [{ monday: ['17:00-09:00'] }, 'businessHours[0].monday[0]: found "17:00-09:00"'],
    [{ monday: ['9:00-17:00'] }, 'a part of a day such as'],
    [{ monday: ['09:00-24:30'] }, 'a part of a day such as'],
    [{ holidays: [{ date: '2027-02-29' }] }, 'there is no day 2027-02-29'],
    [{ holidays: [{ date: '2027-02-28', open: ['10:00-10:00'] }] }, 'holidays[0].open[0]'],
    [{ timeZone: 'Europe/Talinn' }, 'businessHours[0].timeZone: "Europe/Talinn" is not known'],
  ])('a table with %j is refused', (table, sentence) => {
    const problems = problemsOf({ businessHours: [{ name: 'office', ...table }] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });
});
