import { afterAll, describe } from 'vitest';
import { chatSearchSuite } from '../chat-search-suite.ts';
import { contactsSuite } from '../contacts-suite.ts';
import { forgettingSuite } from '../forgetting-suite.ts';
import { fullDiskSuite } from '../full-disk-suite.ts';
import { journalSuite, type TestStore } from '../journal-suite.ts';
import { outboxSuite } from '../outbox-suite.ts';
import { provisioningSuite } from '../provisioning-suite.ts';
import { requestKeysSuite } from '../request-keys-suite.ts';
import { openPostgresJournal } from './open.ts';
import { TestSchemas, testDatabaseUrl } from './test-database.ts';

function unexpected(error: Error): never {
  throw error;
}

/** From some size of the table on, whatever is added fails with this SQLSTATE. */
const failBeyond = (rows: number, state: string, message: string): string => `
  CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM events) > ${rows} THEN
      RAISE EXCEPTION '${message}' USING ERRCODE = '${state}';
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER fail AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION fail();`;
const ioError = failBeyond(40, 'io_error', 'could not write block');
const diskFull = failBeyond(10, 'disk_full', 'could not extend file: no space left on device');

const url = await testDatabaseUrl();
const schemas = new TestSchemas(url ?? '');

async function makeStore(): Promise<TestStore> {
  const schema = await schemas.take();
  const mend = async (): Promise<void> => void (await schema.sql('DROP FUNCTION IF EXISTS fail CASCADE'));
  return {
    async open(onFull) {
      await mend();
      return openPostgresJournal({ url: schema.url, onFatal: unexpected, onFull });
    },
    async openFailing(onFatal) {
      await schema.sql(ioError);
      return openPostgresJournal({ url: schema.url, onFatal, limits: { outageMs: 300, retryPauseMs: 20 } });
    },
    fill: async () => void (await schema.sql(diskFull)),
    makeRoom: mend,
    remove: () => schemas.giveBack(schema),
  };
}

afterAll(() => schemas.dropAll());

describe.skipIf(url === null)('on PostgreSQL', () => {
  const suites = [
    journalSuite,
    fullDiskSuite,
    contactsSuite,
    chatSearchSuite,
    provisioningSuite,
    outboxSuite,
  ];
  for (const suite of [...suites, requestKeysSuite, forgettingSuite])
    suite('the PostgreSQL journal', makeStore);
});
