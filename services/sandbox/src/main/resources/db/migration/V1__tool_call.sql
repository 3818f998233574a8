-- One row per call of a tool, written before its first byte runs. A known id never runs again.
CREATE TABLE tool_call (
  tool_use_id  text PRIMARY KEY,
  session_id   text NOT NULL,
  workspace_id text NOT NULL,
  -- started: it may run; finished: its result is in outcome; answered: Kafka has the result
  state        text NOT NULL CHECK (state IN ('started', 'finished', 'answered')),
  -- the sandbox directory whose service started it; only that service can tell whether it still runs
  owner        text NOT NULL,
  -- the sandbox it started in; null when it never did
  incarnation  text,
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  -- the result as sent; null before the end and after the session was deleted
  outcome      json
);

CREATE INDEX tool_call_open ON tool_call (owner, state) WHERE state <> 'answered';
CREATE INDEX tool_call_session ON tool_call (session_id);
CREATE INDEX tool_call_finished ON tool_call (finished_at);
