-- Keys that workers of self-hosted environments send. Of a key there is only its hash.
CREATE TABLE environment_key (
  id             text        PRIMARY KEY,
  workspace_id   text        NOT NULL,
  environment_id text        NOT NULL REFERENCES environment (id),
  sha256         text        NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  created_at     timestamptz NOT NULL
);

CREATE INDEX environment_key_newest_first
  ON environment_key (environment_id, created_at DESC, id DESC);
