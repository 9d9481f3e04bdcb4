/** Bugs that a test plants into the simulated world, one at a time, to see each of them found. */
export const plantedBugs = [
  /** The store says that a commit is on the disk when it has only come in. */
  'confirms too early',
  /** One commit in ten never reaches the disk, and nobody is told. */
  'leaves a commit out',
  /** A notification is lost on its way to the agent, in an answer that arrives. */
  'swallows a notification',
  /** A notification comes twice in one answer. */
  'repeats a notification',
  /** Two notifications of one answer change places. */
  'swaps notifications',
  /** A message is carried out twice. */
  'carries a message out twice',
  /** The rows of requests that can be sent again are never written, so that a restart forgets them. */
  'keeps no record of requests',
  /** A start misses the last event on the disk, and gives its place to another. */
  'starts one event too early',
  /** A server that is taken for dead goes on writing beside the one that has taken its place. */
  'goes on beside its successor',
  /** Whoever asks for a chat from a position on is answered from the next. */
  'reads on from one entry too late',
  /** An acknowledgement is taken for that of the batch behind it. */
  'forgets one batch too many',
  /** Words of a customer come into the chat of another. */
  'says in one chat what was said in another',
  /** A commit for which there is no room on the disk is confirmed and forgotten. */
  'drops what finds no room',
  /** It is refused and stays on the disk, so that the next attempt writes it once more. */
  'keeps what it says found no room',
  /** It is never tried again, so that changes are refused for ever. */
  'tries only once what finds no room',
  /** What is changed while there is no room is confirmed, and never written. */
  'takes changes for which there is no room',
  /** Whoever waits for room waits for as long as that takes. */
  'tells nobody that there is no room',
  /** Agents who have gone are still taken for there, and keep their chats. */
  'waits for ever for agents who have gone',
] as const;

export type PlantedBug = (typeof plantedBugs)[number];
