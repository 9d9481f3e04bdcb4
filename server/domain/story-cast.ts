import type { SupervisorRole } from './chat-event.ts';
import type { NewFile } from './chat-file.ts';
import type { AgentCommand, ChatCommand } from './commands.ts';
import type { AgentId, FileId, ParticipantId } from './ids.ts';
import { placement, reason } from './sample-request.ts';

/**
 * Who does what in the stories of a chat: Ann (`a`) handles it, Bob (`b`) is asked in, Sue (`s`) supervises, Zoe (`z`) comes when there are four. A seat is called
 * after who takes it.
 */
export const [a, b, s, z] = ['a', 'b', 's', 'z'] as [AgentId, AgentId, AgentId, AgentId];
export const seat = (name: string): ParticipantId => name as ParticipantId;
export const announcement = { participantId: seat('us'), nickname: 'Us', text: 'Wait.' };
export const message = { text: 'Bye' };

export const offer = { type: 'Offer', agentId: a, expiresAtMs: 30, reason } as const;
export const accept = (agentId: AgentId, more: object = {}): ChatCommand => ({
  ...{ type: 'Accept', agentId, nickname: agentId.toUpperCase(), participantId: seat(`${agentId}1`) },
  ...{ saveLar: false, ...more },
});
export const by = (agentId: AgentId, type: AgentCommand['type'], more: object = {}): ChatCommand =>
  ({ type, agentId, ...more }) as ChatCommand;
export const ask = (type: 'Consult' | 'Invite', from = a, to = b): ChatCommand => ({
  ...{ type, agentId: from },
  asked: { agentId: to, expiresAtMs: 40, participantId: seat(`${to}2`), referenceId: 7 },
});
export const intrude = (role: SupervisorRole, watched = a): ChatCommand => ({
  ...{ type: 'Intrude', agentId: s, watched, role, expiresAtMs: 50 },
});
export const complete = (agentId: AgentId, more: object = {}): ChatCommand =>
  by(agentId, 'Complete', { saveLar: false, ...more });
export const toAgent = (agentId: AgentId): object => ({
  to: { agentId, expiresAtMs: 60, participantId: seat(`${agentId}3`) },
});
export const elsewhere = { ...placement, queue: 'elsewhere' };
export const file = (fileId: string): NewFile => ({
  ...{ fileId: fileId as FileId, name: 'a.txt', size: 3, mediaType: 'text/plain', sha256: '00' },
});

export const upload = (fileId: string): ChatCommand =>
  by(a, 'UploadFile', { file: file(fileId), maxFiles: 2 });
export const alert: ChatCommand = {
  ...{ type: 'AlertIdle', number: 1, counted: 'major' },
  ...{ sinceMs: 3_600_000, closesAtMs: 3_660_000 },
};

export const waiting: readonly ChatCommand[] = [];
export const offered = [offer];
export const talking = [offer, accept(a)];
export const consulting = [...talking, ask('Consult')];
export const consulted = [...consulting, accept(b)];
export const inviting = [...talking, ask('Invite')];
export const conference = [...inviting, accept(b)];
export const watched = (role: SupervisorRole): readonly ChatCommand[] => [
  ...talking,
  intrude(role),
  accept(s),
];
export const left = { type: 'CustomerLeave' } as const;

/** One command where it stands. `lifetime`: of the chat's request. */
export type Story = readonly [
  what: string,
  given: readonly ChatCommand[],
  command: ChatCommand,
  lifetime?: object,
];
