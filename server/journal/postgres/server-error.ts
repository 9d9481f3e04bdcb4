/** The SQLSTATE of an error that the database server reported; null for one of the connection. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/**
 * Classes of SQLSTATE that may pass by themselves (postgresql.org/docs/current/errcodes-appendix.html): connection,
 * rollback by the server, resources, object in use, operator intervention, system error. And a server that only reads
 * for now, for another is about to take over.
 */
const passing = /^(08|40|53|55|57|58)|^25006$/;

/** Whether the same may succeed later: the connection was lost, or the server cannot do it now. */
export function mayPass(error: unknown): boolean {
  const state = sqlState(error);
  if (state === null) return true;
  const severity = error instanceof Error && 'severity' in error ? error.severity : '';
  return severity === 'FATAL' || severity === 'PANIC' || passing.test(state);
}

/**
 * Whether the server had no room on its disk (`disk_full`) and has rolled the transaction back. Where it ends for want of room
 * (PANIC, when its own log finds none), its connections are lost as in any crash.
 */
export function lacksRoom(error: unknown): boolean {
  return (
    sqlState(error) === '53100' && error instanceof Error && 'severity' in error && error.severity === 'ERROR'
  );
}

/** What the error says, with its SQLSTATE. */
export function reasonOf(error: unknown): string {
  // Several addresses were tried, each with an error of its own.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const message = first instanceof Error ? first.message : String(first);
  const state = sqlState(first);
  return state === null ? message : `${message} (SQLSTATE ${state})`;
}
