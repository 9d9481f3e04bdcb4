/** The part of faye's client that the tests use; the package ships no types. */
declare module 'faye' {
  type FayeMessage = { channel: string; successful?: boolean };
  type FayeSubscription = PromiseLike<void> & { cancel: () => Promise<void> };
  class Client {
    constructor(url: string, options: { retry: number; timeout: number });
    disable(transport: string): void;
    addExtension(extension: {
      incoming: (message: FayeMessage, callback: (message: FayeMessage) => void) => void;
    }): void;
    connect(callback: () => void, context: undefined): void;
    on(event: string, listener: () => void): void;
    subscribe(channel: string, listener: (data: unknown) => void): FayeSubscription;
    publish(channel: string, data: unknown): PromiseLike<void>;
    disconnect(): PromiseLike<void>;
  }
  const faye: { Client: typeof Client };
  export default faye;
}
