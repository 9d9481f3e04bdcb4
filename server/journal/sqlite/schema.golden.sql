-- user_version 7

CREATE TABLE agents (
  agent_id TEXT PRIMARY KEY,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE archive (
  id INTEGER PRIMARY KEY,
  chat_id TEXT NOT NULL UNIQUE,
  events TEXT NOT NULL
, checksum INTEGER) STRICT;

CREATE INDEX archive_emptied ON archive (chat_id) WHERE events = '[]';

CREATE VIRTUAL TABLE archive_text USING fts5 (
  text,
  supervisor_text,
  content = '',
  tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE 'archive_text_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'archive_text_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'archive_text_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE 'archive_text_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  before TEXT,
  after TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;

CREATE TABLE chat_agents (
  agent_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (agent_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE chats (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  service TEXT NOT NULL,
  queue TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  subject TEXT,
  state TEXT NOT NULL,
  requested_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  agent_ids TEXT NOT NULL,
  last_seq INTEGER NOT NULL
, disposition TEXT) STRICT;

CREATE INDEX chats_by_contact ON chats (contact_id);

CREATE INDEX chats_by_disposition ON chats (disposition) WHERE disposition IS NOT NULL;

CREATE INDEX chats_by_queue ON chats (queue);

CREATE INDEX chats_by_service ON chats (service);

CREATE INDEX chats_by_time ON chats (requested_at_ms);

CREATE INDEX chats_expiring ON chats (service, ended_at_ms) WHERE state = 'Closed' AND contact_id <> '';

CREATE INDEX chats_not_closed ON chats (state) WHERE state <> 'Closed';

CREATE VIRTUAL TABLE contact_text USING fts5 (
  name,
  email,
  phone,
  content = '',
  prefix = '2 3',
  tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE 'contact_text_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'contact_text_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'contact_text_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE 'contact_text_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE contacts (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  first_name TEXT,
  last_name TEXT,
  email_address TEXT,
  email_key TEXT,
  phone_number TEXT,
  created_at_ms INTEGER NOT NULL,
  last_agent_id TEXT,
  last_agent_at_ms INTEGER
, merged_into TEXT, name_key TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX contacts_by_email ON contacts (email_key);

CREATE INDEX contacts_by_name ON contacts (name_key);

CREATE INDEX contacts_by_phone ON contacts (phone_number) WHERE phone_number IS NOT NULL;

CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE journal (
  batch_id INTEGER PRIMARY KEY,
  events TEXT NOT NULL,
  closed TEXT
, checksum INTEGER) STRICT;

CREATE TABLE login_sessions (
  digest TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL,
  csrf_token TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  receiver TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  queued_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  dead_at_ms INTEGER,
  last_failure TEXT
) STRICT;

CREATE INDEX outbox_by_chat ON outbox (chat_id);

CREATE INDEX outbox_by_receiver ON outbox (receiver);

CREATE TABLE provisioned (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE request_keys (
  number INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  outcome TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE response_usage (
  number INTEGER PRIMARY KEY,
  response_id TEXT NOT NULL,
  response_type TEXT NOT NULL,
  interaction_id TEXT,
  agent_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX response_usage_by_response ON response_usage (response_id, response_type);

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  chat_id TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  events TEXT NOT NULL
, checksum INTEGER) STRICT;

CREATE INDEX segments_by_chat ON segments (chat_id, first_seq);
