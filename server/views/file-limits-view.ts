import type { CustomerEvent, CustomerReply } from '@parley/contract/gms/replies.ts';
import { customerOf } from '../domain/chat.ts';
import { usedByCustomer } from '../domain/files.ts';
import type { CustomerFileLimits } from '../operations/customer-files.ts';
import { customerReply } from './customer-view.ts';

/** All ten, and all of them texts: a client that misses one throws (gms-customer-api §10). */
function limitsData({ limits, view }: CustomerFileLimits): Record<string, string> {
  const used = usedByCustomer(view.chat, limits.deleteGivesBack);
  return {
    'download-attempts': String(limits.maxDownloads),
    'upload-max-files': String(limits.maxFiles),
    'upload-max-file-size': String(limits.maxFileBytes),
    'upload-max-total-size': String(limits.maxTotalBytes),
    'upload-need-agent': String(limits.needAgent),
    'upload-file-types': limits.types.join(':'),
    'used-upload-max-files': String(used.files),
    'used-upload-max-total-size': String(used.bytes),
    'used-download-attempts': String(view.chat.downloads),
    'delete-file': String(limits.deleteGivesBack),
  };
}

/**
 * The answer to a customer who asks for the limits: one notice, made for them alone. It is no entry of the log and has the
 * index of the last that is, so that no client takes the next entry for known.
 */
export function fileLimitsReply(read: CustomerFileLimits, secureKey: string): CustomerReply {
  const { chat } = read.view;
  const { nickname, ordinal } = customerOf(chat);
  const notice: CustomerEvent = {
    index: chat.nextIndex - 1,
    type: 'Notice',
    from: { nickname, participantId: ordinal, type: 'Client' },
    text: 'file-client-cfg-get',
    utcTime: read.nowMs,
    userData: limitsData(read),
    eventAttributes: {},
  };
  return { ...customerReply(read.view, secureKey), messages: [notice] };
}
