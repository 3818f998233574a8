-- What workers of self-hosted environments have to do. Unlike the projection, this is not in the log:
-- who has an item, and until when, is known here alone. Items come from the log, in the projection's
-- transaction, and one that was read before is not made again.
--
-- state: 'queued', 'starting', 'active', 'stopping', 'stopped'
-- due_at: when a lease is lost, or a stop counts as done
-- token_sha256: of the sessions token that was handed out last
-- read_to, asked_at, covered_to: offsets of the session's records (io.steward.sessionlog.work.Need)
CREATE TABLE work (
  work_id text PRIMARY KEY,
  workspace_id text NOT NULL,
  environment_id text NOT NULL,
  session_id text NOT NULL,
  metadata text NOT NULL,
  created_at timestamptz NOT NULL,
  state text NOT NULL,
  queued_at timestamptz,
  handed_out_at timestamptz,
  acknowledged_at timestamptz,
  started_at timestamptz,
  latest_heartbeat_at timestamptz,
  ttl_millis bigint,
  due_at timestamptz,
  stop_requested_at timestamptz,
  stopped_at timestamptz,
  failed boolean NOT NULL,
  token_sha256 text,
  read_to bigint NOT NULL,
  asked_at bigint NOT NULL,
  covered_to bigint NOT NULL,
  needed boolean NOT NULL
);

-- A session has at most one item that is not over.
CREATE UNIQUE INDEX work_live ON work (session_id) WHERE state <> 'stopped';
CREATE INDEX work_session ON work (session_id);
CREATE INDEX work_order ON work (environment_id, created_at, work_id);
CREATE INDEX work_queue ON work (environment_id, queued_at, work_id) WHERE state = 'queued';
CREATE INDEX work_due ON work (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX work_token ON work (token_sha256) WHERE token_sha256 IS NOT NULL;
CREATE INDEX work_stopped ON work (stopped_at) WHERE state = 'stopped';

-- Which workers asked for work lately.
CREATE TABLE work_poller (
  environment_id text NOT NULL,
  worker text NOT NULL,
  polled_at timestamptz NOT NULL,
  PRIMARY KEY (environment_id, worker)
);

CREATE INDEX work_poller_age ON work_poller (polled_at);
