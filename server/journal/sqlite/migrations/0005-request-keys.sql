-- Requests with an idempotency key that were carried out: what each has done, so that it is answered again and not done
-- again. Rows are added with growing numbers and removed from the oldest on; there is no index, for they are read at start.
CREATE TABLE request_keys (
  number INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  outcome TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
