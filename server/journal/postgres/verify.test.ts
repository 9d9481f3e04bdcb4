import { afterAll, describe } from 'vitest';
import { verifySuite } from '../verify/verify-suite.ts';
import { openPostgresContents } from './contents.ts';
import { openPostgresJournal } from './open.ts';
import { TestSchemas, testDatabaseUrl } from './test-database.ts';

const url = await testDatabaseUrl();
const schemas = new TestSchemas(url ?? '');
afterAll(() => schemas.dropAll());

describe.skipIf(url === null)('on PostgreSQL', () => {
  verifySuite('PostgreSQL', async () => {
    const schema = await schemas.take();
    return {
      open: () =>
        openPostgresJournal({
          url: schema.url,
          onFatal: (error) => {
            throw error;
          },
        }),
      contents: () => openPostgresContents(schema.url),
      async sql(text) {
        await schema.sql('ALTER TABLE audit DISABLE TRIGGER USER');
        const rows = await schema.sql(text);
        await schema.sql('ALTER TABLE audit ENABLE TRIGGER USER');
        return rows;
      },
      showWord: (chatId, word) =>
        `UPDATE chats SET words = words || '${word.toLowerCase()}'::text WHERE id = '${chatId}'`,
      hideWords: (chatId) => `UPDATE chats SET words = NULL WHERE id = '${chatId}'`,
      hideContact: (id) => `UPDATE contacts SET found_by = NULL WHERE id = '${id}'`,
      dropLiveEvent: (chatId, seq) =>
        Promise.resolve(`DELETE FROM events WHERE chat_id = '${chatId}' AND seq = ${seq}`),
      remove: () => schemas.giveBack(schema),
    };
  });
});
