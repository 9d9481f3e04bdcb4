import { describe, expect, it } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { begin } from './chat-arbitrary.ts';
import { chatId } from './sample-request.ts';
import type { Chat } from './chat.ts';
import type { FileQuota } from './chat-file.ts';
import type { ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, FileId, ParticipantId } from './ids.ts';
import { usedByCustomer } from './files.ts';

const quota: FileQuota = { maxFiles: 2, maxTotalBytes: 10, needAgent: false, deleteGivesBack: true };
const agentId = 'a' as AgentId;

const file = (fileId: string, size: number) => ({
  fileId: fileId as FileId,
  name: 'a.txt',
  size,
  mediaType: 'text/plain',
  sha256: '00',
});
const upload = (fileId: string, size = 1, changed: Partial<FileQuota> = {}): ChatCommand => ({
  type: 'CustomerUploadFile',
  file: file(fileId, size),
  quota: { ...quota, ...changed },
});
const remove = (fileId: string): ChatCommand => ({ type: 'CustomerDeleteFile', fileId: fileId as FileId });
const download = (fileId: string, maxDownloads = 2): ChatCommand => ({
  type: 'CustomerDownloadFile',
  fileId: fileId as FileId,
  maxDownloads,
});

/** The chat after these commands, none of which may be refused. */
function after(...commands: readonly ChatCommand[]): Chat {
  return commands.reduce((chat, command) => {
    const decided = decide(chat, command);
    if (isRefusal(decided)) throw new Error(`${command.type} was refused: ${decided.refused}`);
    return stamp(chat, decided, { chatId, atMs: 1 }).chat;
  }, begin().chat);
}

const joined: readonly ChatCommand[] = [
  {
    type: 'Offer',
    agentId,
    expiresAtMs: 30,
    reason: { rule: 'longest-ready', waitedMs: 0, effectivePriority: 0, eligibleAgents: 1 },
  },
  { type: 'Accept', agentId, nickname: 'A', participantId: 'p1' as ParticipantId, saveLar: false },
];

describe("a customer's files", () => {
  it('are taken up to their number and their size in all, to the byte', () => {
    expect(decide(after(upload('1', 5)), upload('2', 5))).toMatchObject([{ type: 'FileUploaded' }]);
    expect(decide(after(upload('1', 5)), upload('2', 6))).toMatchObject({ refused: 'FilesTooLarge' });
    expect(decide(after(upload('1'), upload('2')), upload('3'))).toMatchObject({ refused: 'TooManyFiles' });
  });

  it('are refused one by one where none may be sent', () => {
    expect(decide(after(), upload('1', 1, { maxFiles: 0 }))).toMatchObject({ refused: 'TooManyFiles' });
    const needAgent = upload('1', 1, { needAgent: true });
    expect(decide(after(), needAgent)).toMatchObject({ refused: 'NotAllowedInState' });
    expect(decide(after(...joined), needAgent)).toMatchObject([{ type: 'FileUploaded' }]);
    expect(decide(after({ type: 'CustomerLeave' }), upload('1'))).toMatchObject({ refused: 'ChatEnded' });
  });

  it('make room when they are deleted, where that is so', () => {
    const full = after(upload('1', 5), upload('2', 5), remove('1'));
    expect(usedByCustomer(full, true)).toEqual({ files: 1, bytes: 5 });
    expect(usedByCustomer(full, false)).toEqual({ files: 2, bytes: 10 });
    expect(decide(full, upload('3', 5))).toMatchObject([{ type: 'FileUploaded' }]);
    const kept = upload('3', 5, { deleteGivesBack: false });
    expect(decide(full, kept)).toMatchObject({ refused: 'TooManyFiles' });
  });

  it('are there once: not again under the same id, not deleted twice, not read afterwards', () => {
    const chat = after(upload('1'));
    expect(decide(chat, upload('1'))).toMatchObject({ refused: 'AlreadyExists' });
    const gone = after(upload('1'), remove('1'));
    for (const command of [remove('1'), download('1'), remove('2')])
      expect(decide(gone, command)).toMatchObject({ refused: 'NotFound' });
  });

  it('can be downloaded so many times, also after the end', () => {
    const leave: ChatCommand = { type: 'CustomerLeave' };
    const chat = after(...joined, upload('1'), download('1'), leave, download('1'));
    expect(chat.downloads).toBe(2);
    expect(decide(chat, download('1'))).toMatchObject({ refused: 'Forbidden' });
  });

  it('are theirs: customers delete none of an agent, agents delete any', () => {
    const byAgent: ChatCommand = { type: 'UploadFile', agentId, file: file('2', 99), maxFiles: 1 };
    const chat = after(...joined, upload('1'), byAgent);
    expect(usedByCustomer(chat, true)).toEqual({ files: 1, bytes: 1 });
    expect(decide(chat, remove('2'))).toMatchObject({ refused: 'Forbidden' });
    expect(decide(chat, { ...byAgent, file: file('3', 1) })).toMatchObject({ refused: 'TooManyFiles' });
    const deleted = decide(chat, { type: 'DeleteFile', agentId, fileId: '1' as FileId });
    expect(deleted).toMatchObject([{ type: 'FileDeleted', participantId: 'p1', fileId: '1' }]);
  });
});
