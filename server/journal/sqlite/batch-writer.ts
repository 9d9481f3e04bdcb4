import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ArchivedLog, Batch } from '../group-commit.ts';
import type { AgentRow, ChatRow, LoginSessionRow, TableWrite } from '../journal.ts';
import { ContactWriter } from './contact-writer.ts';
import { ProvisioningWriter } from './provisioning-writer.ts';
import { upsertSql } from './upsert-sql.ts';
import { prepareWrite } from './prepare-write.ts';

const chatColumns = [
  ...['id', 'service', 'queue', 'contact_id', 'customer_name', 'subject', 'state'],
  ...['requested_at_ms', 'ended_at_ms', 'agent_ids', 'disposition', 'last_seq'],
];
/** A chat of a contact that was merged while it went on belongs to the one it was merged into. */
const chatPlaces = chatColumns.map((column) =>
  column === 'contact_id'
    ? 'coalesce((SELECT merged_into FROM contacts WHERE id = :contact), :contact)'
    : '?',
);

function prepareAll(db: DatabaseSync) {
  return {
    journal: prepareWrite(db, 'INSERT INTO journal (batch_id, events, closed) VALUES (?, ?, ?)'),
    chat: prepareWrite(db, upsertSql('chats', chatColumns, chatPlaces)),
    chatAgent: prepareWrite(
      db,
      'INSERT OR IGNORE INTO chat_agents (agent_id, number) SELECT ?, number FROM chats WHERE id = ?',
    ),
    agent: prepareWrite(db, upsertSql('agents', ['agent_id', 'state'])),
    loginSession: prepareWrite(
      db,
      upsertSql('login_sessions', ['digest', 'agent_id', 'csrf_token', 'created_at_ms', 'last_seen_at_ms']),
    ),
    endLoginSession: prepareWrite(db, 'DELETE FROM login_sessions WHERE digest = ?'),
    archive: prepareWrite(db, upsertSql('archive', ['chat_id', 'events'])),
    archiveText: prepareWrite(
      db,
      'INSERT OR REPLACE INTO archive_text (rowid, text, supervisor_text) ' +
        'SELECT number, ?, ? FROM chats WHERE id = ?',
    ),
    endSegments: prepareWrite(db, 'DELETE FROM segments WHERE chat_id = ?'),
  } satisfies Record<string, StatementSync>;
}

/** Writes batches, each as one transaction. Not for use while another transaction is open on the connection. */
export class BatchWriter {
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareAll>;
  readonly #contacts: ContactWriter;
  readonly #provisioning: ProvisioningWriter;
  #nextBatchId: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#sql = prepareAll(db);
    this.#contacts = new ContactWriter(db);
    this.#provisioning = new ProvisioningWriter(db);
    this.#nextBatchId =
      Number(db.prepare('SELECT max(batch_id) AS last FROM journal').get()?.['last'] ?? 0) + 1;
  }

  /** Commits the batch; when it returns, the batch is on stable storage. Throws what SQLite throws. */
  write(batch: Batch): void {
    this.#db.exec('BEGIN IMMEDIATE');
    if (batch.events !== '[]' || batch.archives.length > 0) {
      const closed =
        batch.archives.length > 0 ? JSON.stringify(batch.archives.map((log) => log.chatId)) : null;
      this.#sql.journal.run(this.#nextBatchId, batch.events, closed);
      this.#nextBatchId += 1;
    }
    // The batch's JSON was made from these types by `GroupCommit`.
    if (batch.writes !== '[]')
      for (const write of JSON.parse(batch.writes) as TableWrite[]) this.#write(write);
    for (const log of batch.archives) this.#archive(log);
    this.#db.exec('COMMIT');
  }

  #write(write: TableWrite): void {
    switch (write.table) {
      case 'contacts':
        this.#contacts.write(write);
        return;
      case 'chats':
        this.#sql.chat.run({ contact: write.row.contactId }, ...chatValues(write.row));
        for (const agentId of write.row.agentIds) this.#sql.chatAgent.run(agentId, write.row.id);
        return;
      case 'agents':
        this.#sql.agent.run(...agentValues(write.row));
        return;
      case 'login_sessions':
        if ('delete' in write) this.#sql.endLoginSession.run(write.delete);
        else this.#sql.loginSession.run(...loginSessionValues(write.row));
        return;
      case 'provisioned':
      case 'audit':
      case 'response_usage':
        this.#provisioning.write(write);
        return;
      case 'archive':
        throw new Error('archives travel beside the table writes');
    }
  }

  #archive(log: ArchivedLog): void {
    this.#sql.archive.run(log.chatId, log.events);
    if (log.text !== '' || log.supervisorText !== '')
      this.#sql.archiveText.run(log.text, log.supervisorText, log.chatId);
    this.#sql.endSegments.run(log.chatId);
  }
}

function chatValues(row: ChatRow): SQLInputValue[] {
  return [
    row.id,
    row.service,
    row.queue,
    row.customerName,
    row.subject,
    row.state,
    row.requestedAtMs,
    row.endedAtMs,
    JSON.stringify(row.agentIds),
    row.disposition,
    row.lastSeq,
  ];
}

function agentValues(row: AgentRow): SQLInputValue[] {
  return [row.agentId, JSON.stringify(row.state)];
}

function loginSessionValues(row: LoginSessionRow): SQLInputValue[] {
  return [row.digest, row.agentId, row.csrfToken, row.createdAtMs, row.lastSeenAtMs];
}
