import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FileReply } from '@parley/contract/gws/replies.ts';
import { isRefusal, refusals, refuse, retryAfter, type Refusal } from '@parley/contract/refusals.ts';
import { colonPath, routes } from '@parley/contract/routes.ts';
import type { ChatFile } from '../../domain/chat-file.ts';
import type { ChatId } from '../../domain/ids.ts';
import type { ChatTarget } from '../../operations/agent-chat.ts';
import {
  cannotUploadAsAgent,
  listAgentFiles,
  listHistoryFiles,
  openListed,
  uploadAgentFile,
} from '../../operations/agent-files.ts';
import { historyReader } from '../../operations/history.ts';
import type { Operations } from '../../operations/operations.ts';
import type { ScopedKey } from '../../operations/request-keys.ts';
import { uploadOnce } from '../../operations/upload-once.ts';
import { fileView } from '../../views/file-view.ts';
import { answerEarly, sendFile } from '../answer.ts';
import { failureBody, refusalOf, sendFailure } from '../failure.ts';
import { idempotencyKeyOf, markReplayed } from '../idempotency.ts';
import { isMultipart, receiveMultipart } from '../multipart.ts';
import type { RequestsUnderWay } from '../../limits/requests-under-way.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentDoor, SignedInAgent } from './agent-door.ts';
import { admit, type AgentHandlers, type StreamedAgentRouteKey } from './agent-routes.ts';

/** The lists of files; their bytes go through `registerFileRoutes`. */
export function fileHandlers({
  operations,
}: AgentApi): Pick<AgentHandlers, 'listMyChatFiles' | 'listChatFiles'> {
  const reply = (files: readonly ChatFile[] | Refusal) =>
    isRefusal(files) ? files : ({ statusCode: 0, files: files.map(fileView) } as const);
  return {
    async listMyChatFiles({ agent: { agentId }, parameters }) {
      return reply(await listAgentFiles(operations, { agentId, chatId: parameters.id as ChatId }));
    },
    async listChatFiles({ agent, parameters }) {
      return reply(await listHistoryFiles(operations, parameters.id as ChatId, historyReader(agent)));
    },
  };
}

interface Visit extends SignedInAgent {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly chatId: ChatId;
}

type Streams = Readonly<Record<StreamedAgentRouteKey, (visit: Visit) => Promise<void>>>;

/**
 * Registers the agent routes whose bytes go between socket and disk as they come. Sign-in, CSRF and feature are checked
 * before anything of the body is read.
 */
export function registerFileRoutes(
  server: FastifyInstance,
  { door, underWay }: { readonly door: AgentDoor; readonly underWay: RequestsUnderWay },
  operations: Operations,
): void {
  const streams: Streams = {
    uploadMyChatFile: (visit) => upload(operations, visit, underWay),
    downloadMyChatFile: (visit) => {
      const { agent, chatId } = visit;
      return download(operations, visit, listAgentFiles(operations, { agentId: agent.agentId, chatId }));
    },
    downloadChatFile: (visit) =>
      download(operations, visit, listHistoryFiles(operations, visit.chatId, historyReader(visit.agent))),
  };
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const key of Object.keys(streams) as StreamedAgentRouteKey[]) {
      const route = routes[key];
      scope.route({
        method: route.method,
        url: colonPath(route.path),
        handler: async (request, reply) => {
          const signedIn = await admit(request, reply, { route, door });
          if (isRefusal(signedIn)) return fail(reply, signedIn);
          const { id } = request.params as { readonly id: string };
          await streams[key]({ ...signedIn, request, reply, chatId: id as ChatId });
          return reply;
        },
        errorHandler: (error, request, reply) => void fail(reply, refusalOf(error, request)),
      });
    }
  });
}

/** Refuses, also where the client is still sending. */
function fail(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { request } = reply;
  // It was answered early.
  if (reply.sent) return reply;
  if (request.method !== 'POST') return sendFailure(reply, refusal);
  reply.server.traffic.refused(refusal.refused);
  const retry = retryAfter(refusal);
  answerRaw(reply, {
    status: refusals[refusal.refused].httpStatus,
    headers: retry === undefined ? {} : { 'retry-after': retry },
    body: failureBody(refusal),
  });
  return reply;
}

function answerRaw(
  reply: FastifyReply,
  {
    status,
    headers,
    body,
  }: { readonly status: number; readonly headers: Record<string, string>; readonly body: object },
): void {
  if (reply.sent) return;
  reply.hijack();
  const all = { ...reply.getHeaders(), ...headers, 'content-type': 'application/json; charset=utf-8' };
  answerEarly(reply.request.raw, reply.raw, { status, headers: all, body: JSON.stringify(body) });
}

async function upload(operations: Operations, visit: Visit, underWay: RequestsUnderWay): Promise<void> {
  const { gate } = operations.files;
  if (!isMultipart(visit.request.raw)) {
    fail(visit.reply, refuse('InvalidParameter', 'The request body must be of type multipart/form-data.'));
    return;
  }
  if (!gate.enter()) {
    fail(visit.reply, refuse('Unavailable', 'Too many files are being sent; try again later.'));
    return;
  }
  try {
    const file = await receive(operations, visit, underWay);
    if (isRefusal(file)) fail(visit.reply, file);
    else {
      const body: FileReply = { statusCode: 0, file: fileView(file) };
      answerRaw(visit.reply, { status: 200, headers: {}, body });
    }
  } finally {
    gate.leave();
  }
}

async function receive(
  operations: Operations,
  visit: Visit,
  underWay: RequestsUnderWay,
): Promise<ChatFile | Refusal> {
  const { request, reply, chatId } = visit;
  const { agentId } = visit.agent;
  const scoped = scopedKeyOf(visit);
  if (isRefusal(scoped)) return scoped;
  const target: ChatTarget = { agentId, chatId };
  const { config, files } = operations;
  const received = await receiveMultipart(request.raw, {
    incoming: files.incoming,
    maxFieldLength: config.limits.bodyBytes,
    bounds: { ...config.files, ...config.limits },
    mayBegin: async (_fields, name) => {
      // What is answered from before needs no room any more.
      const isRepeated = scoped !== null && operations.requestKeys.has(scoped);
      const refused = isRepeated ? null : cannotUploadAsAgent(operations, target, name);
      return refused ?? config.files.agentMaxFileBytes;
    },
  });
  if (isRefusal(received)) return received;
  const { upload: file, fields } = received;
  if (!file) return refuse('MissingParameter', 'The part "file" is missing.');
  const tell = (refusal: Refusal): void => void fail(reply, refusal);
  try {
    const description = fields.findLast(([name]) => name === 'description')?.[1];
    const told = { ...file, ...(description ? { description } : {}) };
    const { answer, isReplayed } = await underWay.during(tell, () =>
      uploadOnce<ChatFile>(operations, {
        scoped,
        upload: told,
        content: `POST ${request.url}\n${JSON.stringify(description ?? '')}`,
        carryOut: () => uploadAgentFile(operations, target, told),
        answerAgain: (_uploaded, again) => again,
      }),
    );
    if (isReplayed && !isRefusal(answer)) markReplayed(reply);
    return answer;
  } finally {
    await file.incoming.discard();
  }
}

function scopedKeyOf({ request, agent }: Visit): ScopedKey | null | Refusal {
  const key = idempotencyKeyOf(request.headers) ?? null;
  if (key === null || isRefusal(key)) return key;
  return { key, scope: ['agent', agent.agentId, 'uploadMyChatFile'] };
}

async function download(
  operations: Operations,
  { request, reply, chatId }: Visit,
  listed: Promise<readonly ChatFile[] | Refusal>,
): Promise<void> {
  const files = await listed;
  const { fileId } = request.params as { readonly fileId: string };
  const opened = isRefusal(files) ? files : await openListed(operations, chatId, { files, fileId });
  if (isRefusal(opened)) {
    sendFailure(reply, opened);
    return;
  }
  reply.hijack();
  await sendFile(reply.raw, opened, reply.getHeaders());
}
