import { CallbackPollingClient } from './spec-server.ts';
import { describeTransport } from './transport-suite.ts';

describeTransport('callback-polling', (server) => new CallbackPollingClient(server));
