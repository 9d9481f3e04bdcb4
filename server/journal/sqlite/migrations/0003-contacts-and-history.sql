-- A contact that became a part of another keeps its row: whoever comes with its e-mail or phone is the other one.
ALTER TABLE contacts ADD COLUMN merged_into TEXT;
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

-- What profiles are sorted by: last name, first name, in lower case as the server folds it.
ALTER TABLE contacts ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE contacts SET name_key = lower(trim(coalesce(last_name, '') || ' ' || coalesce(first_name, '')));
CREATE INDEX contacts_by_name ON contacts (name_key);
DROP INDEX contacts_by_email;
CREATE INDEX contacts_by_email ON contacts (email_key);

-- What profiles are found by; the row number is `contacts.number`. `phone` holds digits only. Merged ones have no row.
CREATE VIRTUAL TABLE contact_text USING fts5 (
  name,
  email,
  phone,
  content = '',
  contentless_delete = 1,
  prefix = '2 3',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO contact_text (rowid, name, email, phone)
SELECT number, concat_ws(' ', first_name, last_name), email_address,
  replace(replace(replace(replace(phone_number, ' ', ''), '-', ''), '+', ''), '/', '') FROM contacts;

ALTER TABLE chats ADD COLUMN disposition TEXT;
CREATE INDEX chats_by_queue ON chats (queue);
CREATE INDEX chats_by_service ON chats (service);
CREATE INDEX chats_by_disposition ON chats (disposition) WHERE disposition IS NOT NULL;
CREATE INDEX chats_by_time ON chats (requested_at_ms);
CREATE INDEX chats_not_closed ON chats (state) WHERE state <> 'Closed';

-- What only supervisors were told stands in a column of its own, so that agents do not find it.
DROP TABLE archive_text;
CREATE VIRTUAL TABLE archive_text USING fts5 (
  text,
  supervisor_text,
  content = '',
  contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO archive_text (rowid, text, supervisor_text)
SELECT c.number,
  (SELECT group_concat(value ->> '$.event.text', char(10)) FROM json_each(a.events)
    WHERE value ->> '$.event.type' = 'TextSent' AND value ->> '$.event.visibility' <> 'Supervisors'),
  (SELECT group_concat(value ->> '$.event.text', char(10)) FROM json_each(a.events)
    WHERE value ->> '$.event.type' = 'TextSent' AND value ->> '$.event.visibility' = 'Supervisors')
FROM archive AS a JOIN chats AS c ON c.id = a.chat_id;
