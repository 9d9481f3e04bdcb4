import type { FileId, ParticipantId } from './ids.ts';

/** What is known of a file once its bytes are in the store: nothing of it comes from the sender unchecked. */
export interface NewFile {
  readonly fileId: FileId;
  /** Without path, control characters and whatever else a file system or a header could stumble over. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** By the content, never by what the sender says. */
  readonly mediaType: string;
  /** Of the bytes, hex. */
  readonly sha256: string;
  /** What the sender says of it (`userData[file-description]`, gms-customer-api §2, row 13). */
  readonly description?: string;
}

/** A file of a chat. The bytes of a deleted one are gone; what it was stays in the log. */
export interface ChatFile extends NewFile {
  /** Who sent it. */
  readonly participantId: ParticipantId;
  readonly uploadedAtMs: number;
  readonly isDeleted: boolean;
}

/** What a customer may upload into one chat (gms-customer-api §10). */
export interface FileQuota {
  readonly maxFiles: number;
  readonly maxTotalBytes: number;
  /** Whether an agent whom the customer sees must be there. */
  readonly needAgent: boolean;
  /** Whether deleting a file makes room for another. */
  readonly deleteGivesBack: boolean;
}

/** Events by which files come and go. */
export type FileEvent =
  | ({
      readonly type: 'FileUploaded';
      readonly participantId: ParticipantId;
      /** Whoever may upload is heard by everybody. */
      readonly visibility: 'All';
    } & NewFile)
  | {
      readonly type: 'FileDeleted';
      readonly participantId: ParticipantId;
      readonly visibility: 'All';
      readonly fileId: FileId;
    }
  /** The customer has asked for the bytes. It is no entry of the message log. */
  | { readonly type: 'FileDownloaded'; readonly participantId: ParticipantId; readonly fileId: FileId };

/** The files of a chat after an event at `atMs`. */
export function filesAfter(
  files: readonly ChatFile[],
  event: FileEvent,
  uploadedAtMs: number,
): readonly ChatFile[] {
  switch (event.type) {
    case 'FileUploaded': {
      const { type: _type, visibility: _visibility, ...file } = event;
      return [...files, { ...file, uploadedAtMs, isDeleted: false }];
    }
    case 'FileDeleted':
      return files.map((file) => (file.fileId === event.fileId ? { ...file, isDeleted: true } : file));
    case 'FileDownloaded':
      return files;
  }
}
