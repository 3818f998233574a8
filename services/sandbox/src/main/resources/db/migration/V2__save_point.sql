-- The newest save point of each session's files. The blobs it names are written before the row.
CREATE TABLE save_point (
  session_id   text PRIMARY KEY,
  number       bigint NOT NULL,
  manifest_key text NOT NULL,
  saved_at     timestamptz NOT NULL DEFAULT now()
);

-- When each instance of the service was last heard of, by this database's clock. Calls of one that
-- is silent are answered by the others.
CREATE TABLE instance (
  owner   text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
