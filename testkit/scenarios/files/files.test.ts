import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { setStage, type Stage } from '../operations/stage.ts';
import { png } from './raw-form.ts';

let stage: Stage;
beforeEach(async () => void (stage = await setStage()));
afterEach(() => stage.box.stop());

const blob = (content: string | Uint8Array): Blob => new Blob([content as Uint8Array<ArrayBuffer>]);
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** The files that lie in the data folder, below the folder that is named. */
const onDisk = async (folder: string): Promise<readonly string[]> =>
  (await readdir(join(stage.box.dataFolder, 'files', folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('a customer', () => {
  it('is told the limits as ten texts', async () => {
    const { box, customer, chatId } = stage;
    const url = `${box.baseUrl}/genesys/2/chat/customer-support/${chatId}/file/limits`;
    const body = new URLSearchParams({ secureKey: customer.secureKey });
    const reply = await (await fetch(url, { method: 'POST', body })).json();
    expect(reply).toMatchObject({
      statusCode: 0,
      chatEnded: false,
      messages: [
        {
          index: 2,
          type: 'Notice',
          text: 'file-client-cfg-get',
          from: { type: 'Client', participantId: 1 },
          userData: {
            'download-attempts': '50',
            'upload-max-files': '3',
            'upload-max-file-size': '2097152',
            'upload-max-total-size': '5242880',
            'upload-need-agent': 'false',
            'upload-file-types': 'jpg:jpeg:png:gif:webp:heic:bmp:tif:tiff:pdf:txt:csv:docx:xlsx:pptx',
            'used-upload-max-files': '0',
            'used-upload-max-total-size': '0',
            'used-download-attempts': '0',
            'delete-file': 'true',
          },
        },
      ],
    });
    expect(reply.nextPosition).toBeUndefined();
    expect(reply.errors).toBeUndefined();
  });

  it('sends a file; everybody hears of it and reads the same bytes', async () => {
    const { customer, marat, chatId } = stage;
    const content = png(300_000);
    const { position } = marat.recorder;
    const fileId = await customer.uploadFile(blob(content), {
      name: 'Größe 1.png',
      description: 'my screen',
    });
    expect(fileId).toMatch(/^[0-9A-Za-z]{16}$/);

    const { messages } = await customer.refresh(3);
    expect(messages).toEqual([
      expect.objectContaining({
        type: 'FileUploaded',
        text: fileId,
        from: { nickname: 'PersonP', participantId: 1, type: 'Client' },
        userData: {
          'file-id': fileId,
          'file-name': 'Größe 1.png',
          'file-size': '300000',
          'file-document-id': fileId,
          'file-source': 'ucs',
          'file-upload-type': 'file-system',
          'file-description': 'my screen',
        },
      }),
    ]);
    const told = await marat.recorder.notification<MessageLogUpdated>(
      { messageType: 'MessageLogUpdated' },
      { after: position },
    );
    const file = {
      id: fileId,
      name: 'Größe 1.png',
      size: 300_000,
      contentType: 'image/png',
      sha256: sha256(content),
      description: 'my screen',
    };
    expect(told.messages).toMatchObject([{ type: 'FileUploaded', file, visibility: 'All' }]);
    expect(await marat.files.list(chatId)).toEqual([file]);
    for (const read of [await customer.downloadFile(fileId), await marat.files.download(chatId, fileId)])
      expect(sha256(await read.bytes())).toBe(file.sha256);
    expect(await customer.fileLimits()).toMatchObject({
      usedFiles: 1,
      usedTotalSize: 300_000,
      usedDownloads: 1,
    });
    expect(await onDisk('kept')).toEqual([fileId]);
    expect([...(await onDisk('incoming')), ...(await onDisk('doubt'))]).toEqual([]);
  });

  it('deletes a file: the bytes are gone, everybody hears of it, there is room again', async () => {
    const { customer, marat, chatId } = stage;
    const ids: string[] = [];
    for (const name of ['1.txt', '2.txt', '3.txt'])
      ids.push(await customer.uploadFile(blob('text'), { name }));
    const [first = ''] = ids;
    await expect(customer.uploadFile(blob('text'), { name: '4.txt' })).rejects.toMatchObject({
      statusCode: 2,
      errorCodes: [201],
    });
    await customer.deleteFile(first);
    expect((await onDisk('kept')).toSorted()).toEqual(ids.slice(1).toSorted());
    const { messages } = await customer.refresh(6);
    expect(messages).toMatchObject([{ type: 'FileDeleted', text: first, userData: {} }]);
    expect(await marat.messages(chatId, { startIndex: 6 })).toMatchObject([
      { type: 'FileDeleted', fileId: first },
    ]);
    expect((await marat.files.list(chatId)).map(({ id }) => id)).toEqual(ids.slice(1));
    await customer.uploadFile(blob('text'), { name: '4.txt' });
    for (const again of [() => customer.deleteFile(first), () => customer.downloadFile(first)])
      await expect(again()).rejects.toMatchObject({ errorCodes: [109] });
    await expect(marat.files.download(chatId, first)).rejects.toMatchObject({
      statusCode: 6,
      httpStatus: 404,
    });
    expect(await onDisk('doubt')).toEqual([]);
  });

  it('reads files of agents, and deletes none of theirs', async () => {
    const { customer, marat, chatId } = stage;
    const sent = await marat.files.upload(chatId, blob('%PDF-1.7\n'), {
      name: 'offer.pdf',
      description: 'yours',
    });
    expect(sent).toMatchObject({ name: 'offer.pdf', contentType: 'application/pdf', description: 'yours' });
    const { messages } = await customer.refresh(3);
    expect(messages).toMatchObject([{ type: 'FileUploaded', from: { type: 'Agent' }, text: sent.id }]);
    expect(await (await customer.downloadFile(sent.id)).text()).toBe('%PDF-1.7\n');
    await expect(customer.deleteFile(sent.id)).rejects.toMatchObject({ errorCodes: [106] });
    expect(await customer.fileLimits()).toMatchObject({ usedFiles: 0 });
    await marat.files.delete(chatId, sent.id);
    await expect(marat.files.delete(chatId, sent.id)).rejects.toMatchObject({ statusCode: 2 });
  });

  it('keeps within the quota when everything is sent at once', async () => {
    const { customer } = stage;
    const sent = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => customer.uploadFile(blob(png(2_000_000)), { name: `${at}.png` })),
    );
    // Two fit into 5,242,880 bytes.
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const codes = sent.flatMap((one) => (one.status === 'rejected' ? one.reason.errorCodes : []));
    expect(new Set(codes)).toEqual(new Set([202]));
    expect(await onDisk('kept')).toHaveLength(2);
    expect([...(await onDisk('incoming')), ...(await onDisk('doubt'))]).toEqual([]);
  });
});

describe('files', () => {
  it('are still there after a restart, and the quota with them', async () => {
    const { box, customer, marat, chatId } = stage;
    const kept = await customer.uploadFile(blob('one'), { name: 'a.txt' });
    const gone = await customer.uploadFile(blob('two'), { name: 'b.txt' });
    await customer.deleteFile(gone);
    await box.restart();
    expect(await (await customer.downloadFile(kept)).text()).toBe('one');
    expect(await customer.fileLimits()).toMatchObject({ usedFiles: 1, usedTotalSize: 3, usedDownloads: 1 });
    await marat.signIn();
    expect(await marat.files.list(chatId)).toMatchObject([{ id: kept }]);
  });

  it('of a closed chat are read by its customer and by agents who may read the history; nothing changes', async () => {
    const { customer, marat, kristi, chatId } = stage;
    const fileId = await customer.uploadFile(blob('one'), { name: 'a.txt' });
    await expect(kristi.files.list(chatId)).rejects.toMatchObject({ statusCode: 6 });
    await expect(kristi.files.listOfHistory(chatId)).rejects.toMatchObject({ statusCode: 5 });
    await expect(kristi.files.downloadOfHistory(chatId, fileId)).rejects.toMatchObject({ statusCode: 5 });
    await customer.disconnect();
    await marat.complete(chatId);
    expect(await (await customer.downloadFile(fileId)).text()).toBe('one');
    expect(await kristi.files.listOfHistory(chatId)).toMatchObject([{ id: fileId, name: 'a.txt' }]);
    expect(await (await kristi.files.downloadOfHistory(chatId, fileId)).text()).toBe('one');
    await expect(customer.uploadFile(blob('x'), { name: 'a.txt' })).rejects.toMatchObject({
      errorCodes: [113],
    });
    await expect(customer.deleteFile(fileId)).rejects.toMatchObject({ errorCodes: [113] });
    const url = `${stage.box.baseUrl}/api/v2/chats/${chatId}/transcript?format=`;
    const text = await (await kristi.fetch(`${url}text`)).text();
    expect(text).toContain('PersonP: sent the file a.txt (3 bytes, text/plain; charset=utf-8)');
    const xml = await (await kristi.fetch(`${url}xml`)).text();
    expect(xml).toContain(`<noticeText noticeType="FILE_UPLOADED">${fileId}</noticeText>`);
    expect(xml).not.toContain('file-upload-path');
  });

  it('are nobody else’s: not of an agent who is only asked in, not of one who listens unseen, not of another customer', async () => {
    const { box, customer, marat, kristi, sofia, chatId, uris, ids } = stage;
    const fileId = await customer.uploadFile(blob('one'), { name: 'a.txt' });
    await marat.consult(chatId, { targetUri: uris.kristi });
    await kristi.offered();
    await expect(kristi.files.list(chatId)).rejects.toMatchObject({ statusCode: 2 });
    await expect(kristi.files.upload(chatId, blob('x'), { name: 'a.txt' })).rejects.toMatchObject({
      statusCode: 2,
    });
    await sofia.intrude(ids.marat, chatId, 'Monitor');
    await sofia.accept(chatId, { nickname: 'Sofia' });
    expect(await sofia.files.list(chatId)).toMatchObject([{ id: fileId }]);
    await expect(sofia.files.upload(chatId, blob('x'), { name: 'a.txt' })).rejects.toMatchObject({
      statusCode: 2,
    });
    await expect(sofia.files.delete(chatId, fileId)).rejects.toMatchObject({ statusCode: 2 });
    const other = box.customer();
    await other.requestChat({ nickname: 'Other' });
    await expect(other.downloadFile(fileId)).rejects.toMatchObject({ httpStatus: 404, errorCodes: [109] });
    await expect(other.deleteFile(fileId)).rejects.toMatchObject({ errorCodes: [109] });
  });
});
