-- What was changed over the API, on top of the configuration file. `value` is JSON; null: what the file has is deleted.
CREATE TABLE provisioned (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Who changed what. Each row's `hash` covers the row and the hash before it; rows are added and nothing else.
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

-- Which standard responses were used in which chats.
CREATE TABLE response_usage (
  number INTEGER PRIMARY KEY,
  response_id TEXT NOT NULL,
  response_type TEXT NOT NULL,
  interaction_id TEXT,
  agent_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX response_usage_by_response ON response_usage (response_id, response_type);
