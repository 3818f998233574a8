-- The service's own keysets (Tink), each encrypted with the key-encryption key, which is not here.
-- One of each purpose: 'data' encrypts secrets at rest, 'sealing' opens what others sealed for us.
CREATE TABLE keyset (
  purpose     text        PRIMARY KEY CHECK (purpose IN ('data', 'sealing')),
  key_id      text        NOT NULL,
  ciphertext  bytea       NOT NULL,
  created_at  timestamptz NOT NULL
);

-- Secrets that arrived sealed. The ciphertext is bound to all the other columns but the time: a row
-- that is moved or edited cannot be read.
CREATE TABLE session_secret (
  id            text        PRIMARY KEY,
  workspace_id  text        NOT NULL,
  session_id    text        NOT NULL,
  host          text        NOT NULL,
  ciphertext    bytea       NOT NULL,
  created_at    timestamptz NOT NULL
);

CREATE INDEX session_secret_session ON session_secret (session_id);

-- Sessions that are gone. A secret that comes late, or again, is not kept for them.
CREATE TABLE forgotten_session (
  session_id    text        PRIMARY KEY,
  forgotten_at  timestamptz NOT NULL
);

CREATE INDEX forgotten_session_age ON forgotten_session (forgotten_at);
