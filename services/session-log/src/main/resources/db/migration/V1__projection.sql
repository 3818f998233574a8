-- The projection of session-events. Everything here can be made again from the topic.

-- How far each partition was read; moves in the transaction that writes the rows.
CREATE TABLE partition_position (
  partition_no int PRIMARY KEY,
  next_offset bigint NOT NULL
);

-- Every record that is needed to fold a session, and to write its tombstone when it is deleted.
-- A record nobody could read has no body but the reason; a large body stays in the blob store.
CREATE TABLE session_record (
  session_id text NOT NULL,
  record_offset bigint NOT NULL,
  record_id text NOT NULL,
  type text NOT NULL,
  may_ignore boolean NOT NULL,
  written_at text NOT NULL,
  body text,
  unreadable text,
  PRIMARY KEY (session_id, record_offset)
);

-- Public events, one row for each id. processed_at in nanoseconds since the epoch.
CREATE TABLE session_event (
  session_id text NOT NULL,
  event_id text NOT NULL,
  record_offset bigint NOT NULL,
  record_index int NOT NULL,
  type text NOT NULL,
  processed_at bigint,
  body text NOT NULL,
  PRIMARY KEY (session_id, event_id)
);

CREATE INDEX session_event_order
  ON session_event (session_id, (processed_at IS NULL), record_offset, record_index);

-- What lists of sessions filter and show.
CREATE TABLE session (
  session_id text PRIMARY KEY,
  workspace_id text NOT NULL,
  partition_no int NOT NULL,
  next_offset bigint NOT NULL,
  created_at timestamptz NOT NULL,
  agent_id text NOT NULL,
  agent_version int NOT NULL,
  status text NOT NULL,
  archived boolean NOT NULL,
  deleted boolean NOT NULL,
  purge boolean NOT NULL,
  unfinished boolean NOT NULL,
  agent text NOT NULL,
  summary text NOT NULL
);

CREATE INDEX session_order ON session (created_at, session_id);
CREATE INDEX session_unfinished ON session (partition_no) WHERE unfinished;
CREATE INDEX session_purge ON session (session_id) WHERE purge;
