import type { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { HttpPipe, postBytes } from './http-pipe.ts';
import { nowUs, pairChannel, pairPayload } from './orders.ts';
import type { LoadJob } from './orders.ts';
import { WebSocketPipe } from './websocket-pipe.ts';

/** Keeps one message going on each connection of the job and counts the answers. */
export function startEcho(job: LoadJob, sketch: LatencySketch): { count: () => number; clear: () => void } {
  const body = JSON.stringify([{ channel: pairChannel(1), id: '5', data: pairPayload(nowUs(), 1) }]);
  const request = postBytes('/echo', body, '');
  let answers = 0;
  for (let index = 0; index < job.sessions; index += 1) {
    let sentUs = nowUs();
    const next = (): void => {
      sentUs = nowUs();
      if (job.transport === 'websocket') socket?.send(body);
      else pipe?.send(request);
    };
    const answered = (): void => {
      answers += 1;
      sketch.add(nowUs() - sentUs);
      next();
    };
    const socket =
      job.transport === 'websocket'
        ? new WebSocketPipe(job.port, '/echo', { open: () => next(), frame: answered })
        : undefined;
    const pipe = socket === undefined ? new HttpPipe(job.port, answered) : undefined;
    if (pipe !== undefined) next();
  }
  return { count: () => answers, clear: () => (answers = 0) };
}
