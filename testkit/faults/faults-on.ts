import { databaseFaults } from './database-faults.ts';
import { diskFaults } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import type { Store } from './rounds-at-once.ts';
import type { Tool } from './tools.ts';

const every: Readonly<Record<Store, readonly Fault[]>> = {
  sqlite: [...processFaults, ...networkFaults, ...diskFaults],
  postgres: [...databaseFaults, ...processFaults, ...networkFaults],
};

/** The faults of a round on this store that have `text` in their names and need nothing that is not there. */
export function faultsOn(
  store: Store,
  { text, lacking }: { readonly text: string; readonly lacking: ReadonlySet<Tool> },
): readonly Fault[] {
  if (store === 'postgres' && lacking.has('postgres')) return [];
  return every[store].filter(
    ({ name, needs }) => name.includes(text) && !needs.some((tool) => lacking.has(tool)),
  );
}
