-- A record of a later schema version is stored as it is, and not understood when it is folded.
ALTER TABLE session_record ADD COLUMN schema_version int NOT NULL DEFAULT 1;
