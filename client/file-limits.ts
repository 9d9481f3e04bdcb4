import type { CustomerReply } from '@parley/contract/gms/replies.ts';

/** What a customer may upload, and what of it is used (gms-customer-api §10). Sizes in bytes. */
export interface FileLimits {
  readonly maxFiles: number;
  readonly maxFileSize: number;
  readonly maxTotalSize: number;
  readonly maxDownloads: number;
  readonly usedFiles: number;
  readonly usedTotalSize: number;
  readonly usedDownloads: number;
  /** Whether files can be sent only while an agent is there. */
  readonly needAgent: boolean;
  /** Whether deleting a file makes room for another. */
  readonly deleteGivesBack: boolean;
  /** The extensions that are taken, in lower case. */
  readonly types: readonly string[];
}

/** Reads the notice `file-client-cfg-get`. Throws when it is not there. */
export function readFileLimits({ messages }: CustomerReply): FileLimits {
  const userData = messages.find(({ text }) => text === 'file-client-cfg-get')?.userData;
  if (!userData) throw new Error('the reply has no limits of files');
  const count = (name: string): number => Number(userData[name] ?? 0);
  return {
    maxFiles: count('upload-max-files'),
    maxFileSize: count('upload-max-file-size'),
    maxTotalSize: count('upload-max-total-size'),
    maxDownloads: count('download-attempts'),
    usedFiles: count('used-upload-max-files'),
    usedTotalSize: count('used-upload-max-total-size'),
    usedDownloads: count('used-download-attempts'),
    needAgent: userData['upload-need-agent'] === 'true',
    deleteGivesBack: userData['delete-file'] === 'true',
    types: (userData['upload-file-types'] ?? '').split(':').filter((type) => type !== ''),
  };
}
