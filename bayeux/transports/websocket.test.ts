import { WebSocketClient } from './spec-server.ts';
import { describeTransport } from './transport-suite.ts';

describeTransport('websocket', (server) => new WebSocketClient(server));
