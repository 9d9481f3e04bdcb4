import { LongPollingClient } from './spec-server.ts';
import { describeTransport } from './transport-suite.ts';

describeTransport('long-polling', (server) => new LongPollingClient(server));
