import type { Contact } from '@parley/contract/gws/contact.ts';
import type { ContactRow } from '../journal/journal.ts';
import { lastAgentAttributes } from '../operations/last-agent.ts';
import type { Operations } from '../operations/operations.ts';
import type { WireFormat } from './wire-format.ts';

export function contactPath({ id }: Pick<ContactRow, 'id'>): string {
  return `/ucs/contacts/${id}`;
}

/** A profile on the agent API; what is empty is left out (gws-agent-api §7.3). */
export function contactView(row: ContactRow, people: Operations['people'], wire: WireFormat): Contact {
  const { id, firstName, lastName, emailAddress, phoneNumber } = row;
  const path = contactPath(row);
  return {
    id,
    uri: wire.uri(path),
    path,
    ...(firstName === null ? {} : { firstName }),
    ...(lastName === null ? {} : { lastName }),
    ...(emailAddress === null ? {} : { emailAddress }),
    ...(phoneNumber === null ? {} : { phoneNumber }),
    createdDate: wire.timestamp(row.createdAtMs),
    ...lastAgentAttributes(row, people),
  };
}
