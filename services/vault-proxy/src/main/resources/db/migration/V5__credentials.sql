-- No vault could be made until now. Each has a data key (a Tink keyset, encrypted with the
-- key-encryption key, which is not here) for as long as it is not archived. Metadata keeps the order
-- of its keys.
ALTER TABLE vaults ALTER COLUMN metadata DROP DEFAULT;
ALTER TABLE vaults ALTER COLUMN metadata TYPE json USING metadata::json;
ALTER TABLE vaults ADD COLUMN data_key bytea;
ALTER TABLE vaults ADD CONSTRAINT vaults_data_key
  CHECK ((archived_at IS NULL) = (data_key IS NOT NULL));

-- Credentials of a vault, without their secrets.
CREATE TABLE vault_credential (
  id            text        PRIMARY KEY,
  vault_id      text        NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
  purpose       text        NOT NULL, -- what it is for, normalised; see vault_credential_active
  auth          json        NOT NULL,
  display_name  text,
  metadata      json        NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  archived_at   timestamptz
);

CREATE UNIQUE INDEX vault_credential_active ON vault_credential (vault_id, purpose)
  WHERE archived_at IS NULL;
CREATE INDEX vault_credential_list ON vault_credential (vault_id, created_at DESC, id DESC);

-- Secrets of credentials that are not archived, encrypted with the data key of their vault. The
-- ciphertext is bound to vault, credential and field: one that is moved cannot be read.
CREATE TABLE vault_secret (
  credential_id text        NOT NULL REFERENCES vault_credential (id) ON DELETE CASCADE,
  field         text        NOT NULL CHECK
    (field IN ('token', 'access_token', 'refresh_token', 'client_secret', 'secret_value')),
  ciphertext    bytea       NOT NULL,
  PRIMARY KEY (credential_id, field)
);
