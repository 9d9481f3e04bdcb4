import { quitReasonCode } from '@parley/server/domain/quit-reason.ts';

type Reason = Parameters<typeof quitReasonCode>[0];

/** Codes of leaves that those who left had asked for, or brought about by staying away (gms-customer-api §4.1). */
const ownCodes: readonly string[] = ['0', '3'];

/**
 * Which leaves in a transcript are removals, by index; from its XML, the only form in which agents are told why
 * somebody has left.
 */
export function removalsIn(transcriptXml: string): ReadonlyMap<number, boolean> {
  const leaves = transcriptXml.matchAll(/<partyLeft [^>]*eventId="(\d+)"[^>]*><reason>([\w-]+)<\/reason>/g);
  return new Map(
    [...leaves].map(([, index, reason]) => [
      Number(index),
      !ownCodes.includes(quitReasonCode(reason as Reason)),
    ]),
  );
}
