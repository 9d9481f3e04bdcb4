/** The part of faye that the benchmark uses; the package ships no types. */
declare module 'faye' {
  type Adapter = {
    attach: (server: import('node:http').Server) => void;
    getClient: () => { publish: (channel: string, payload: unknown) => Promise<void> };
  };
  const faye: { NodeAdapter: new (options: { mount: string; timeout: number }) => Adapter };
  export default faye;
}
