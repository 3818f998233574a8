-- Vaults: named sets of one user's credentials. Secrets are not in this table; they come with their
-- own, encrypted, in a later migration.
CREATE TABLE vaults (
  id            text        PRIMARY KEY,
  workspace_id  text        NOT NULL,
  display_name  text        NOT NULL,
  metadata      jsonb       NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  archived_at   timestamptz
);

CREATE INDEX vaults_by_workspace ON vaults (workspace_id, created_at DESC, id DESC);
