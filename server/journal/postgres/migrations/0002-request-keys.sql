-- Requests with an idempotency key that were carried out: what each has done, so that it is answered again and not done
-- again. Rows are added with growing numbers and removed from the oldest on; they are read at start.
CREATE TABLE request_keys (
  number bigint PRIMARY KEY,
  digest text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  outcome text NOT NULL,
  at_ms bigint NOT NULL
);
