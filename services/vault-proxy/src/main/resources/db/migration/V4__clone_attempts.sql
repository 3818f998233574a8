-- Attempts to clone a repository. One that ended is never made again, and always has the same result.
CREATE TABLE clone_attempt (
  session_id    text        NOT NULL,
  resource_id   text        NOT NULL,
  attempt       text        NOT NULL,
  workspace_id  text        NOT NULL,
  starts        integer     NOT NULL,
  result        json, -- null: it did not end
  changed_at    timestamptz NOT NULL,
  PRIMARY KEY (session_id, resource_id, attempt)
);

CREATE INDEX clone_attempt_age ON clone_attempt (changed_at);
