const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/** Whether an error of the file system says that there is no room left: the disk is full, or a quota used up. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && noRoom.has((error as NodeJS.ErrnoException).code);
}
