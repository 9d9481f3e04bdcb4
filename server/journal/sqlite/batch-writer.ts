import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ArchivedLog, Batch } from '../group-commit.ts';
import type { AgentRow, ChatRow, LoginSessionRow, TableWrite } from '../journal.ts';
import { checksum } from './checksum.ts';
import { ChatEraser } from './chat-eraser.ts';
import { ContactWriter } from './contact-writer.ts';
import { rollBack } from './disk-room.ts';
import { OutboxWriter } from './outbox-writer.ts';
import { ProvisioningWriter } from './provisioning-writer.ts';
import { RequestKeyWriter } from './request-keys.ts';
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
    journal: prepareWrite(db, 'INSERT INTO journal (batch_id, events, closed, checksum) VALUES (?, ?, ?, ?)'),
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
    archive: prepareWrite(db, upsertSql('archive', ['chat_id', 'events', 'checksum'])),
    archiveText: prepareWrite(
      db,
      'INSERT INTO archive_text (rowid, text, supervisor_text) ' +
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
  readonly #outbox: OutboxWriter;
  readonly #requestKeys: RequestKeyWriter;
  readonly #eraser: ChatEraser;
  #nextBatchId: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#sql = prepareAll(db);
    this.#eraser = new ChatEraser(db);
    this.#contacts = new ContactWriter(db);
    this.#provisioning = new ProvisioningWriter(db);
    this.#outbox = new OutboxWriter(db);
    this.#requestKeys = new RequestKeyWriter(db);
    this.#nextBatchId =
      Number(db.prepare('SELECT max(batch_id) AS last FROM journal').get()?.['last'] ?? 0) + 1;
  }

  /**
   * Commits the batch; when it returns, the batch is on stable storage. Throws what SQLite throws; then no transaction is
   * open any more. Returns whether something is to be forgotten since then: it was removed, or stands in the journal and is
   * masked in the archive.
   */
  write(batch: Batch): boolean {
    // The batch's JSON was made from these types by `GroupCommit`.
    const writes = batch.writes === '[]' ? [] : (JSON.parse(batch.writes) as TableWrite[]);
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const isInJournal = this.#journal(batch);
      for (const write of writes) this.#write(write);
      for (const log of batch.archives) this.#archive(log);
      this.#db.exec('COMMIT');
      if (isInJournal) this.#nextBatchId += 1;
    } catch (error) {
      rollBack(this.#db);
      throw error;
    }
    return writes.some(isForgetting) || batch.archives.some(({ isMasked }) => isMasked);
  }

  /** Whether there is anything for the journal in it. */
  #journal({ events, archives }: Batch): boolean {
    if (events === '[]' && archives.length === 0) return false;
    const closed = archives.length > 0 ? JSON.stringify(archives.map((log) => log.chatId)) : null;
    const row = { batch_id: this.#nextBatchId, events, closed };
    this.#sql.journal.run(row.batch_id, row.events, row.closed, checksum('journal', row));
    return true;
  }

  #write(write: TableWrite): void {
    switch (write.table) {
      case 'contacts':
        this.#contacts.write(write);
        return;
      case 'chats':
        if ('delete' in write) this.#eraser.delete(write.delete);
        else if ('anonymise' in write) this.#eraser.anonymise(write.anonymise);
        else this.#chat(write.row);
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
      case 'outbox':
        this.#outbox.write(write);
        return;
      case 'request_keys':
        this.#requestKeys.write(write);
        return;
      case 'archive':
        throw new Error('archives travel beside the table writes');
    }
  }

  #chat(row: ChatRow): void {
    this.#sql.chat.run({ contact: row.contactId }, ...chatValues(row));
    for (const agentId of row.agentIds) this.#sql.chatAgent.run(agentId, row.id);
  }

  #archive(log: ArchivedLog): void {
    this.#eraser.unindex(log.chatId);
    const row = { chat_id: log.chatId, events: log.events };
    this.#sql.archive.run(row.chat_id, row.events, checksum('archive', row));
    if (log.text !== '' || log.supervisorText !== '')
      this.#sql.archiveText.run(log.text, log.supervisorText, log.chatId);
    this.#sql.endSegments.run(log.chatId);
  }
}

function isForgetting(write: TableWrite): boolean {
  if (write.table === 'contacts') return 'delete' in write;
  if (write.table === 'chats') return !('row' in write);
  return write.table === 'outbox' && 'deleteChat' in write;
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
