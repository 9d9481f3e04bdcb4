import { afterAll, describe } from 'vitest';
import { chatSearchSuite } from '../chat-search-suite.ts';
import { contactsSuite } from '../contacts-suite.ts';
import { forgettingSuite } from '../forgetting-suite.ts';
import { journalSuite, type TestStore } from '../journal-suite.ts';
import { outboxSuite } from '../outbox-suite.ts';
import { provisioningSuite } from '../provisioning-suite.ts';
import { requestKeysSuite } from '../request-keys-suite.ts';
import { openPostgresJournal } from './open.ts';
import { TestSchemas, testDatabaseUrl } from './test-database.ts';

function unexpected(error: Error): never {
  throw error;
}

/** Stands for a full disk: from some size of the table on, whatever is added fails. */
const fullDisk = `
  CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM events) > 40 THEN
      RAISE EXCEPTION 'could not extend file: no space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER fill_disk AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION fill_disk();`;

const url = await testDatabaseUrl();
const schemas = new TestSchemas(url ?? '');

async function makeStore(): Promise<TestStore> {
  const schema = await schemas.take();
  let isFull = false;
  return {
    async open() {
      if (isFull) await schema.sql('DROP FUNCTION fill_disk CASCADE');
      isFull = false;
      return openPostgresJournal({ url: schema.url, onFatal: unexpected });
    },
    async openFailing(onFatal) {
      await schema.sql(fullDisk);
      isFull = true;
      return openPostgresJournal({ url: schema.url, onFatal, limits: { outageMs: 300, retryPauseMs: 20 } });
    },
    remove: () => schemas.giveBack(schema),
  };
}

afterAll(() => schemas.dropAll());

describe.skipIf(url === null)('on PostgreSQL', () => {
  const suites = [journalSuite, contactsSuite, chatSearchSuite, provisioningSuite, outboxSuite];
  for (const suite of [...suites, requestKeysSuite, forgettingSuite])
    suite('the PostgreSQL journal', makeStore);
});
