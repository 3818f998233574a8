-- Every use of a credential, without a secret. A use outlives its vault, its credential and its
-- session: nothing refers to them. It is removed when it is older than the operator wants to know.
CREATE TABLE credential_use (
  id             text        PRIMARY KEY,
  number         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  created_at     timestamptz NOT NULL,
  workspace_id   text        NOT NULL,
  vault_id       text, -- null: the token of a repository
  credential_id  text        NOT NULL,
  session_id     text,
  purpose        text        NOT NULL,
  host           text        NOT NULL,
  port           integer     NOT NULL,
  secure         boolean     NOT NULL,
  outcome        text        NOT NULL CHECK (outcome IN ('answered', 'refused', 'failed')),
  status         integer,
  published      boolean     NOT NULL DEFAULT false -- whether it is on the topic
);

CREATE INDEX credential_use_list ON credential_use (vault_id, created_at DESC, id DESC);
CREATE INDEX credential_use_unpublished ON credential_use (number) WHERE NOT published;
CREATE INDEX credential_use_age ON credential_use (created_at);
