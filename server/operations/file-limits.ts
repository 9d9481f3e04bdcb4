import type { FileQuota } from '../domain/chat-file.ts';
import { extensionOf, fileKinds, type FileExtension, type FileKind } from '../domain/file-kinds.ts';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Operations } from './operations.ts';

/** What the customers of one service may do with files (gms-customer-api §10). */
export interface FileLimits extends FileQuota {
  readonly maxFileBytes: number;
  readonly maxDownloads: number;
  readonly types: readonly FileExtension[];
}

/** Those of the configuration, as far as the service does not say otherwise. */
export function fileLimitsOf({ config, services }: Operations, service: string): FileLimits {
  return { ...config.files, ...services.get(service)?.files };
}

/** The most bytes that a customer's file may have, whichever service it is for. */
export function largestCustomerFile({ config, services }: Operations): number {
  const own = [...services.values()].map(({ files }) => files?.maxFileBytes ?? 0);
  return Math.max(config.files.maxFileBytes, ...own);
}

/** The kind that the name says, when files of it are taken. */
export function kindOf(name: string, types: readonly FileExtension[]): FileKind | Refusal {
  const extension = extensionOf(name);
  return extension !== null && types.includes(extension)
    ? fileKinds[extension]
    : refuse('FileTypeNotAllowed', `Files of these types are taken: ${types.join(', ')}.`);
}
