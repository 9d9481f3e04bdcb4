-- version 3
agents.agent_id text COLLATE C NOT NULL
agents.state text NOT NULL
agents: agents_pkey PRIMARY KEY (agent_id)
CREATE UNIQUE INDEX agents_pkey ON agents USING btree (agent_id)
archive.chat_id text COLLATE C NOT NULL
archive.events text NOT NULL
archive: archive_pkey PRIMARY KEY (chat_id)
CREATE UNIQUE INDEX archive_pkey ON archive USING btree (chat_id)
audit.number bigint NOT NULL
audit.at_ms bigint NOT NULL
audit.agent_id text COLLATE C NOT NULL
audit.user_name text COLLATE C NOT NULL
audit.action text COLLATE C NOT NULL
audit.kind text COLLATE C NOT NULL
audit.resource_id text COLLATE C NOT NULL
audit.before text
audit.after text
audit.previous_hash text NOT NULL
audit.hash text NOT NULL
audit: audit_pkey PRIMARY KEY (number)
CREATE UNIQUE INDEX audit_pkey ON audit USING btree (number)
CREATE TRIGGER audit_is_not_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
chat_agents.agent_id text COLLATE C NOT NULL
chat_agents.number bigint NOT NULL
chat_agents: chat_agents_pkey PRIMARY KEY (agent_id, number)
CREATE UNIQUE INDEX chat_agents_pkey ON chat_agents USING btree (agent_id, number)
chats.number bigint NOT NULL IDENTITY
chats.id text COLLATE C NOT NULL
chats.service text COLLATE C NOT NULL
chats.queue text COLLATE C NOT NULL
chats.contact_id text COLLATE C NOT NULL
chats.customer_name text COLLATE C NOT NULL
chats.subject text COLLATE C
chats.state text COLLATE C NOT NULL
chats.requested_at_ms bigint NOT NULL
chats.ended_at_ms bigint
chats.agent_ids text NOT NULL
chats.disposition text COLLATE C
chats.last_seq bigint NOT NULL
chats.words text[]
chats: chats_id_key UNIQUE (id)
chats: chats_pkey PRIMARY KEY (number)
CREATE INDEX chats_by_contact ON chats USING btree ("left"(contact_id, 200), number)
CREATE INDEX chats_by_disposition ON chats USING btree ("left"(disposition, 200), number) WHERE (disposition IS NOT NULL)
CREATE INDEX chats_by_queue ON chats USING btree ("left"(queue, 200), number)
CREATE INDEX chats_by_service ON chats USING btree ("left"(service, 200), number)
CREATE INDEX chats_by_time ON chats USING btree (requested_at_ms)
CREATE INDEX chats_by_words ON chats USING gin (words) WITH (fastupdate=off)
CREATE INDEX chats_expiring ON chats USING btree ("left"(service, 200), ended_at_ms) WHERE ((state = 'Closed'::text) AND (contact_id <> ''::text))
CREATE INDEX chats_not_closed ON chats USING btree (state, number) WHERE (state <> 'Closed'::text)
CREATE UNIQUE INDEX chats_id_key ON chats USING btree (id)
CREATE UNIQUE INDEX chats_pkey ON chats USING btree (number)
contacts.number bigint NOT NULL IDENTITY
contacts.id text COLLATE C NOT NULL
contacts.first_name text COLLATE C
contacts.last_name text COLLATE C
contacts.email_address text COLLATE C
contacts.email_key text COLLATE C
contacts.phone_number text COLLATE C
contacts.created_at_ms bigint NOT NULL
contacts.last_agent_id text COLLATE C
contacts.last_agent_at_ms bigint
contacts.merged_into text COLLATE C
contacts.name_key text COLLATE C NOT NULL
contacts.words tsvector NOT NULL
contacts.found_by tsvector
contacts: contacts_id_key UNIQUE (id)
contacts: contacts_pkey PRIMARY KEY (number)
CREATE INDEX contacts_by_email ON contacts USING hash (email_key)
CREATE INDEX contacts_by_phone ON contacts USING hash (phone_number)
CREATE INDEX contacts_by_words ON contacts USING gin (found_by) WITH (fastupdate=off)
CREATE INDEX contacts_in_order_of_email ON contacts USING btree ("left"(email_key, 200) NULLS FIRST, number)
CREATE INDEX contacts_in_order_of_name ON contacts USING btree ("left"(name_key, 200), number)
CREATE INDEX contacts_merged ON contacts USING btree (merged_into) WHERE (merged_into IS NOT NULL)
CREATE UNIQUE INDEX contacts_id_key ON contacts USING btree (id)
CREATE UNIQUE INDEX contacts_pkey ON contacts USING btree (number)
events.chat_id text COLLATE C NOT NULL
events.seq integer NOT NULL
events.event text NOT NULL
events: events_fence UNIQUE (chat_id, seq)
CREATE UNIQUE INDEX events_fence ON events USING btree (chat_id, seq)
last_commit.only_row boolean NOT NULL DEFAULT true
last_commit.instance text NOT NULL
last_commit.number bigint NOT NULL
last_commit: last_commit_only_row_check CHECK (only_row)
last_commit: last_commit_pkey PRIMARY KEY (only_row)
CREATE UNIQUE INDEX last_commit_pkey ON last_commit USING btree (only_row)
login_sessions.digest text COLLATE C NOT NULL
login_sessions.agent_id text COLLATE C NOT NULL
login_sessions.csrf_token text NOT NULL
login_sessions.created_at_ms bigint NOT NULL
login_sessions.last_seen_at_ms bigint NOT NULL
login_sessions: login_sessions_pkey PRIMARY KEY (digest)
CREATE UNIQUE INDEX login_sessions_pkey ON login_sessions USING btree (digest)
outbox.number bigint NOT NULL IDENTITY
outbox.id text COLLATE C NOT NULL
outbox.receiver text COLLATE C NOT NULL
outbox.chat_id text COLLATE C NOT NULL
outbox.kind text COLLATE C NOT NULL
outbox.body text NOT NULL
outbox.queued_at_ms bigint NOT NULL
outbox.due_at_ms bigint NOT NULL
outbox.attempts bigint NOT NULL
outbox.dead_at_ms bigint
outbox.last_failure text
outbox: outbox_id_key UNIQUE (id)
outbox: outbox_pkey PRIMARY KEY (number)
CREATE INDEX outbox_by_chat ON outbox USING btree (chat_id)
CREATE INDEX outbox_by_receiver ON outbox USING btree (receiver, number)
CREATE UNIQUE INDEX outbox_id_key ON outbox USING btree (id)
CREATE UNIQUE INDEX outbox_pkey ON outbox USING btree (number)
parley_schema.version integer NOT NULL
provisioned.kind text COLLATE C NOT NULL
provisioned.id text COLLATE C NOT NULL
provisioned.value text
provisioned: provisioned_pkey PRIMARY KEY (kind, id)
CREATE UNIQUE INDEX provisioned_pkey ON provisioned USING btree (kind, id)
request_keys.number bigint NOT NULL
request_keys.digest text COLLATE C NOT NULL
request_keys.fingerprint text COLLATE C NOT NULL
request_keys.outcome text NOT NULL
request_keys.at_ms bigint NOT NULL
request_keys: request_keys_pkey PRIMARY KEY (number)
CREATE UNIQUE INDEX request_keys_pkey ON request_keys USING btree (number)
response_usage.number bigint NOT NULL IDENTITY
response_usage.response_id text COLLATE C NOT NULL
response_usage.response_type text COLLATE C NOT NULL
response_usage.interaction_id text COLLATE C
response_usage.agent_id text COLLATE C NOT NULL
response_usage.at_ms bigint NOT NULL
response_usage: response_usage_pkey PRIMARY KEY (number)
CREATE INDEX response_usage_by_response ON response_usage USING hash (response_id)
CREATE UNIQUE INDEX response_usage_pkey ON response_usage USING btree (number)
all_words(tsvector) a
refuse_change() f
