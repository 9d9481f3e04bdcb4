-- What receivers outside (webhooks, push) are to be told and have not confirmed. A row is written with the events that it
-- tells of and deleted when it is confirmed; `dead_at_ms`: when it was given up.
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
CREATE INDEX outbox_by_receiver ON outbox (receiver);
CREATE INDEX outbox_by_chat ON outbox (chat_id);
