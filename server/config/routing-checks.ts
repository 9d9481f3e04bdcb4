import { minutesOf, weekdays } from '../domain/business-hours.ts';
import type { ConfigFile } from './schema.ts';
import { suggestion } from './near-miss.ts';
import type { ConfigPath, Problem } from './problem.ts';

type Queue = ConfigFile['queues'][number];

/** What the schema cannot say of hours, relaxation and overflow. */
export function routingChecks(config: ConfigFile): readonly Problem[] {
  return [
    ...config.businessHours.flatMap((hours, position) => checkTable(hours, ['businessHours', position])),
    ...config.queues.flatMap((queue, position) => [
      ...checkHours(config, queue.businessHours, ['queues', position, 'businessHours']),
      ...checkRelaxation(config, queue, ['queues', position, 'relaxation']),
      ...checkOverflow(config, queue, ['queues', position]),
    ]),
    ...config.services.flatMap(({ businessHours }, position) =>
      checkHours(config, businessHours, ['services', position, 'businessHours']),
    ),
  ];
}

function checkHours(config: ConfigFile, named: string | null, path: ConfigPath): Problem[] {
  const names = config.businessHours.map((one) => one.name);
  if (named === null || names.includes(named)) return [];
  const sentence = `there is no table ${JSON.stringify(named)} in \`businessHours\`;${suggestion(named, names)}`;
  return [{ path, sentence: sentence.replace(/;$/, '') }];
}

function checkTable(hours: ConfigFile['businessHours'][number], path: ConfigPath): Problem[] {
  const days = [
    ...weekdays.map((day) => ({ periods: hours[day], path: [...path, day] })),
    ...hours.holidays.map(({ open }, at) => ({ periods: open, path: [...path, 'holidays', at, 'open'] })),
  ];
  const backwards = days.flatMap((day) =>
    day.periods.flatMap((period, at): Problem[] => {
      const [from, until] = minutesOf(period);
      if (from < until) return [];
      const sentence = `found "${period}"; allowed: an end after the beginning (a night is two periods)`;
      return [{ path: [...day.path, at], sentence }];
    }),
  );
  const noDays = hours.holidays.flatMap(({ date }, at): Problem[] => {
    const parsed = new Date(`${date}T00:00:00Z`);
    const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
    return exists ? [] : [{ path: [...path, 'holidays', at, 'date'], sentence: `there is no day ${date}` }];
  });
  return [...backwards, ...noDays];
}

function checkRelaxation(config: ConfigFile, { relaxation }: Queue, path: ConfigPath): Problem[] {
  return relaxation.flatMap(({ afterMs, skills }, step) => {
    const before = relaxation[step - 1]?.afterMs ?? 0;
    const sentence = `found ${afterMs}; allowed: more than the step before (${before})`;
    const late = afterMs <= before ? [{ path: [...path, step, 'afterMs'], sentence }] : [];
    const unknown = skills.flatMap(({ skill }, at): Problem[] =>
      config.skills.includes(skill)
        ? []
        : [
            {
              path: [...path, step, 'skills', at, 'skill'],
              sentence: `there is no skill ${JSON.stringify(skill)};${suggestion(skill, config.skills)} see \`skills\``,
            },
          ],
    );
    return [...late, ...unknown];
  });
}

function checkOverflow(config: ConfigFile, queue: Queue, path: ConfigPath): Problem[] {
  const { overflowQueue, whenFull, whenUnstaffed, whenWaitedTooLong } = queue;
  const names = config.queues.map((one) => one.name);
  if (overflowQueue === null) {
    const asked = Object.entries({ whenFull, whenUnstaffed, whenWaitedTooLong });
    return asked.flatMap(([key, value]): Problem[] =>
      value === 'Overflow' ? [{ path: [...path, key], sentence: '"Overflow" needs an `overflowQueue`' }] : [],
    );
  }
  const at = [...path, 'overflowQueue'];
  if (!names.includes(overflowQueue)) {
    const named = JSON.stringify(overflowQueue);
    return [
      { path: at, sentence: `there is no queue ${named};${suggestion(overflowQueue, names)} see \`queues\`` },
    ];
  }
  return leadsBack(config, queue.name)
    ? [
        {
          path: at,
          sentence: `the way from "${queue.name}" leads back to it; chats would go round in a circle`,
        },
      ]
    : [];
}

function leadsBack(config: ConfigFile, start: string): boolean {
  const next = new Map(config.queues.map((one) => [one.name, one.overflowQueue]));
  let queue = next.get(start) ?? null;
  for (let steps = 0; queue !== null && steps < config.queues.length; steps++) {
    if (queue === start) return true;
    queue = next.get(queue) ?? null;
  }
  return false;
}
