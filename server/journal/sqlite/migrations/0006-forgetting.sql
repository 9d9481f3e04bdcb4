-- What is removed from an index for words leaves its pages at once. The server says which words they were.
DROP TABLE archive_text;
CREATE VIRTUAL TABLE archive_text USING fts5 (
  text,
  supervisor_text,
  content = '',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO archive_text (archive_text, rank) VALUES ('secure-delete', 1);
INSERT INTO archive_text (rowid, text, supervisor_text)
SELECT c.number,
  (SELECT group_concat(value ->> '$.event.text', char(10)) FROM json_each(a.events)
    WHERE value ->> '$.event.type' = 'TextSent' AND value ->> '$.event.visibility' <> 'Supervisors'),
  (SELECT group_concat(value ->> '$.event.text', char(10)) FROM json_each(a.events)
    WHERE value ->> '$.event.type' = 'TextSent' AND value ->> '$.event.visibility' = 'Supervisors')
FROM archive AS a JOIN chats AS c ON c.id = a.chat_id;

DROP TABLE contact_text;
CREATE VIRTUAL TABLE contact_text USING fts5 (
  name,
  email,
  phone,
  content = '',
  prefix = '2 3',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO contact_text (contact_text, rank) VALUES ('secure-delete', 1);
-- The same words as `ContactWriter` takes, of each profile and of those that were merged into it.
INSERT INTO contact_text (rowid, name, email, phone)
SELECT c.number,
  group_concat(concat_ws(' ', one.first_name, one.last_name), ' '),
  group_concat(one.email_address, ' '),
  group_concat(replace(replace(replace(replace(replace(replace(replace(
    one.phone_number, ' ', ''), '-', ''), '+', ''), '/', ''), '(', ''), ')', ''), '.', ''), ' ')
FROM contacts AS c JOIN contacts AS one ON one.id = c.id OR one.merged_into = c.id
WHERE c.merged_into IS NULL GROUP BY c.number;

-- Logs of which nothing is left: they stand until nothing of the chat is in the journal any more.
CREATE INDEX archive_emptied ON archive (chat_id) WHERE events = '[]';
CREATE INDEX chats_expiring ON chats (service, ended_at_ms) WHERE state = 'Closed' AND contact_id <> '';
