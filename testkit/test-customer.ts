import { CustomerClient, type CustomerClientOptions } from '@parley/client/customer-client.ts';
import type { Recorder } from './recorder.ts';

/** A customer of the SDK whose every reply is on record. */
export class TestCustomer extends CustomerClient {
  readonly recorder: Recorder;

  constructor(options: CustomerClientOptions & { readonly recorder: Recorder }) {
    super({ ...options, fetch: options.recorder.fetch });
    this.recorder = options.recorder;
  }
}
