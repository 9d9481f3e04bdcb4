-- What was written before has no checksum and stays valid without one: nothing is read at the start for it.
ALTER TABLE journal ADD COLUMN checksum INTEGER;
ALTER TABLE segments ADD COLUMN checksum INTEGER;
ALTER TABLE archive ADD COLUMN checksum INTEGER;
