-- Agents: one row per agent, and one per version with the agent as the API returns it.
CREATE TABLE agent (
  id           text        PRIMARY KEY,
  workspace_id text        NOT NULL,
  version      integer     NOT NULL CHECK (version >= 1),
  created_at   timestamptz NOT NULL,
  archived_at  timestamptz
);

CREATE INDEX agent_newest_first ON agent (workspace_id, created_at DESC, id DESC);

CREATE TABLE agent_version (
  key          text    PRIMARY KEY, -- <agent id>/<version>, which is also the record key
  workspace_id text    NOT NULL,
  agent_id     text    NOT NULL REFERENCES agent (id),
  version      integer NOT NULL CHECK (version >= 1),
  document     text    NOT NULL,
  UNIQUE (agent_id, version)
);

CREATE TABLE environment (
  id           text        PRIMARY KEY,
  workspace_id text        NOT NULL,
  name         text        NOT NULL,
  document     text        NOT NULL,
  created_at   timestamptz NOT NULL,
  archived_at  timestamptz
);

CREATE INDEX environment_newest_first ON environment (workspace_id, created_at DESC, id DESC);

-- Names are unique among the environments that are not archived.
CREATE UNIQUE INDEX environment_live_name ON environment (workspace_id, name)
  WHERE archived_at IS NULL;

-- Records that were decided together with a row above and are not yet on Kafka.
CREATE TABLE outbox (
  position     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_id    text        NOT NULL UNIQUE,
  workspace_id text        NOT NULL,
  topic        text        NOT NULL,
  record_key   text        NOT NULL,
  type         text        NOT NULL,
  subject      text        NOT NULL,
  document     text, -- null: a tombstone
  created_at   timestamptz NOT NULL
);

-- Which environment a session runs in, read from session-events.
CREATE TABLE session_environment (
  session_id     text PRIMARY KEY,
  workspace_id   text NOT NULL,
  environment_id text NOT NULL
);

CREATE INDEX session_environment_by_environment ON session_environment (environment_id);

-- How far session-events was read: the next offset of each partition.
CREATE TABLE consumer_position (
  partition integer PRIMARY KEY,
  position  bigint  NOT NULL
);
