import { CustomerReply } from './gms/replies.ts';
import { FileReply, FilesReply } from './gws/replies.ts';

const agentChat = { auth: 'agent', feature: 'api-multimedia', tag: 'chats' } as const;
const customer = { method: 'POST', auth: 'customer', tag: 'customer', reply: CustomerReply } as const;

/** Files of customers (gms-customer-api §2, rows 12 to 15; §6.3) and of agents; the latter are ours. */
export const fileRoutes = {
  listMyChatFiles: {
    method: 'GET',
    path: '/api/v2/me/chats/{id}/files',
    summary: 'The files of a chat, without those that were deleted.',
    ...agentChat,
    reply: FilesReply,
  },
  uploadMyChatFile: {
    method: 'POST',
    path: '/api/v2/me/chats/{id}/files',
    summary: 'Sends a file to everybody in the chat: the part `file` of a multipart form.',
    ...agentChat,
    stream: 'upload',
    reply: FileReply,
  },
  downloadMyChatFile: {
    method: 'GET',
    path: '/api/v2/me/chats/{id}/files/{fileId}',
    summary: 'The bytes of a file of a chat.',
    ...agentChat,
    stream: 'download',
  },
  listChatFiles: {
    method: 'GET',
    path: '/api/v2/chats/{id}/files',
    summary: 'The files of a chat of the history, for those who may read its messages.',
    ...agentChat,
    reply: FilesReply,
  },
  downloadChatFile: {
    method: 'GET',
    path: '/api/v2/chats/{id}/files/{fileId}',
    summary: 'The bytes of a file of the history.',
    ...agentChat,
    stream: 'download',
  },
  customerFileLimits: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/file/limits',
    summary:
      'What may be uploaded: a `Notice` with the text `file-client-cfg-get`, its `userData` all texts.',
    form: 'fileLimits',
  },
  customerFileUpload: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/file',
    summary:
      'Sends a file to the agent: the part `file` of a multipart form. `userData` answers its `file-id`.',
    form: 'fileUpload',
    stream: 'upload',
  },
  customerFileDownload: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/file/{fileId}/download',
    summary:
      'The bytes of a file. Refused with the HTTP status of the refusal, for nobody shall save a refusal as the file.',
    form: 'fileDownload',
    stream: 'download',
  },
  customerFileDelete: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/file/{fileId}/delete',
    summary: 'Deletes a file of their own.',
    form: 'fileDelete',
  },
  customerFileOperation: {
    ...customer,
    path: '/genesys/2/chat-ntf',
    summary: 'Files of customers over CometD, whose `secureKey` names the chat.',
    form: 'fileOperation',
    stream: 'both',
  },
} as const;
