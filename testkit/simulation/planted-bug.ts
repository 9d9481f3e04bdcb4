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
] as const;

export type PlantedBug = (typeof plantedBugs)[number];
