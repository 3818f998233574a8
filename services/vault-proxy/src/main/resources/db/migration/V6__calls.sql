-- One row per call that leaves this installation, written before its first byte does. A known id
-- never runs again.
CREATE TABLE egress_call (
  tool_use_id   text        PRIMARY KEY,
  session_id    text        NOT NULL,
  workspace_id  text        NOT NULL,
  -- the instance that started it; only that one can tell whether it still runs
  instance      text        NOT NULL,
  -- started: it may run; ended: its result is there; forgotten: its session is gone
  state         text        NOT NULL CHECK (state IN ('started', 'ended', 'forgotten')),
  started_at    timestamptz NOT NULL,
  ended_at      timestamptz,
  result        json, -- as it is sent
  CHECK ((state = 'ended') = (result IS NOT NULL)),
  CHECK ((state = 'started') = (ended_at IS NULL))
);

CREATE INDEX egress_call_session ON egress_call (session_id);
CREATE INDEX egress_call_ended ON egress_call (ended_at);

-- When each instance of the service was last heard of, by this database's clock. Calls of one that
-- is silent are answered by the others.
CREATE TABLE instance (
  owner    text        PRIMARY KEY,
  seen_at  timestamptz NOT NULL
);
