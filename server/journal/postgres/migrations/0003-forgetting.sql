-- The oldest closed chats of a service of which more than a row without a person is left.
CREATE INDEX chats_expiring ON chats (left(service, 200), ended_at_ms) WHERE state = 'Closed' AND contact_id <> '';
