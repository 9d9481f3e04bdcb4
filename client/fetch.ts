/** The part of the platform's `fetch` that the SDK uses; a test or a tracer may stand in its way. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The platform's own, looked up at each call. */
export const systemFetch: Fetch = (url, init) => fetch(url, init);
