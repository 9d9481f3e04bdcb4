import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { eicar, FakeClamd } from '../../fake-clamd.ts';
import { startServer, type BoxOptions, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';

let box: ServerInABox<never> | undefined;
let clamd: FakeClamd | undefined;
afterEach(async () => {
  await box?.stop();
  await clamd?.close();
  [box, clamd] = [undefined, undefined];
});

async function open(
  files: NonNullable<BoxOptions['config']>['files'],
  service?: object,
): Promise<TestCustomer> {
  const services = [{ name: 'customer-support', queue: 'support', ...(service ? { files: service } : {}) }];
  const config = { queues: [{ name: 'support' }], services, ...(files ? { files } : {}) };
  const started = await startServer({ config });
  box = started as ServerInABox<never>;
  const customer = started.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  return customer;
}

const blob = (content: string): Blob => new Blob([content]);

it('a service has limits of its own', async () => {
  const customer = await open(
    { maxFileBytes: 10 },
    { maxFileBytes: 20, maxFiles: 1, types: ['txt'], deleteGivesBack: false },
  );
  expect(await customer.fileLimits()).toMatchObject({
    maxFileSize: 20,
    maxFiles: 1,
    types: ['txt'],
    deleteGivesBack: false,
  });
  const fileId = await customer.uploadFile(blob('x'.repeat(20)), { name: 'a.txt' });
  await customer.deleteFile(fileId);
  await expect(customer.uploadFile(blob('x'), { name: 'a.txt' })).rejects.toMatchObject({
    errorCodes: [201],
  });
});

it('an agent must be there where one is needed', async () => {
  const customer = await open({ needAgent: true });
  expect(await customer.fileLimits()).toMatchObject({ needAgent: true });
  const early = customer.uploadFile(blob('x'), { name: 'a.txt' });
  await expect(early).rejects.toMatchObject({ errorCodes: [105] });
  const marat = box!.agent('marat');
  await marat.goToWork();
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  await customer.uploadFile(blob('x'), { name: 'a.txt' });
});

it('downloads are counted', async () => {
  const customer = await open({ maxDownloads: 1 });
  const fileId = await customer.uploadFile(blob('x'), { name: 'a.txt' });
  await customer.downloadFile(fileId);
  await expect(customer.downloadFile(fileId)).rejects.toMatchObject({ httpStatus: 403, errorCodes: [106] });
});

it('what clamd finds something in is refused, and what it cannot check too', async () => {
  clamd = await FakeClamd.start();
  const customer = await open({ clamd: `127.0.0.1:${clamd.port}` });
  await customer.uploadFile(blob('harmless'), { name: 'a.txt' });
  await expect(customer.uploadFile(blob(eicar), { name: 'b.txt' })).rejects.toMatchObject({
    errorCodes: [203],
  });
  expect(clamd.seen).toEqual([8, 68]);
  await clamd.close();
  const unchecked = customer.uploadFile(blob('harmless'), { name: 'c.txt', deadlineMs: 0 });
  await expect(unchecked).rejects.toMatchObject({ statusCode: 1, errorCodes: [240] });
  expect(box!.takeErrors()).toEqual([expect.stringContaining('ECONNREFUSED')]);
  expect(await customer.fileLimits()).toMatchObject({ usedFiles: 1 });
  expect(await readdir(join(box!.dataFolder, 'files', 'incoming'))).toEqual([]);
});

it('without clamd files are taken where the operator says so, and the operator hears of it', async () => {
  const customer = await open({ clamd: '127.0.0.1:1', whenClamdIsDown: 'Accept' });
  await customer.uploadFile(blob('unchecked'), { name: 'a.txt' });
  expect(box!.takeErrors()).toHaveLength(1);
});

it('what a crash has left is swept at the next start: the log says what is there', async () => {
  const customer = await open({});
  const fileId = await customer.uploadFile(blob('kept'), { name: 'a.txt' });
  const { chatId } = customer;
  const folder = join(box!.dataFolder, 'files');
  const orphan = 'O'.repeat(16);
  // As after a crash between the bytes and the event, while a file came in, and while the answer was on its way.
  await writeFile(join(folder, 'kept', chatId, orphan), 'orphan');
  await writeFile(join(folder, 'doubt', `${chatId}.${orphan}`), '');
  await writeFile(join(folder, 'doubt', `${chatId}.${fileId}`), '');
  await writeFile(join(folder, 'incoming', 'P'.repeat(16)), 'half');
  await mkdir(join(folder, 'kept', 'C'.repeat(16)));
  await writeFile(join(folder, 'doubt', `${'C'.repeat(16)}.${orphan}`), '');
  await box!.restart();
  expect(await readdir(join(folder, 'kept', chatId))).toEqual([fileId]);
  expect([...(await readdir(join(folder, 'doubt'))), ...(await readdir(join(folder, 'incoming')))]).toEqual(
    [],
  );
  expect(await (await customer.downloadFile(fileId)).text()).toBe('kept');
});

it('no more than so many uploads run at once', async () => {
  clamd = await FakeClamd.start();
  const customer = await open({ parallelUploads: 1, clamd: `127.0.0.1:${clamd.port}` });
  const sent = await Promise.allSettled(
    ['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((name) =>
      customer.uploadFile(blob('x'.repeat(100_000)), { name }),
    ),
  );
  const refused = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const reason of refused) expect([201, 240]).toContain(reason.errorCodes[0]);
  await customer.uploadFile(blob('x'), { name: 'e.txt' }).catch((error: { errorCodes: number[] }) => {
    expect(error.errorCodes).toEqual([201]);
  });
});
