-- When each session last used its files, by this database's clock, wherever they are. Retention
-- goes by it.
CREATE TABLE workspace (
  session_id  text PRIMARY KEY,
  used_at     timestamptz NOT NULL DEFAULT now(),
  -- how often retention removed the files; files of a lower generation are gone for good
  generation  bigint NOT NULL DEFAULT 0,
  -- false from a removal until the next use
  present     boolean NOT NULL DEFAULT true,
  -- after how many unused days the newest removal came; null once the agent was told
  unused_days integer,
  -- a removed generation whose blobs are still to be removed
  leftover    bigint
);

CREATE INDEX workspace_unused ON workspace (used_at) WHERE present;
CREATE INDEX workspace_leftover ON workspace (session_id) WHERE leftover IS NOT NULL;

-- Files of before count as used now: an older instance may be using them, and notes no uses.
INSERT INTO workspace (session_id) SELECT session_id FROM save_point;
