import type { SentFile } from '@parley/contract/gws/chat.ts';
import type { NewFile } from '../domain/chat-file.ts';

/** A file on the agent API. */
export function fileView({ fileId, name, size, mediaType, sha256, description }: NewFile): SentFile {
  return {
    id: fileId,
    name,
    size,
    contentType: mediaType,
    sha256,
    ...(description === undefined ? {} : { description }),
  };
}

/**
 * The `userData` of `FileUploaded` (gms-customer-api §4). All values are texts; where the file lay at its sender
 * (`file-upload-path`) is nobody's business.
 */
export function fileData({ fileId, name, size, description }: NewFile): Record<string, string> {
  return {
    'file-id': fileId,
    'file-name': name,
    'file-size': String(size),
    'file-document-id': fileId,
    'file-source': 'ucs',
    'file-upload-type': 'file-system',
    ...(description === undefined ? {} : { 'file-description': description }),
  };
}
