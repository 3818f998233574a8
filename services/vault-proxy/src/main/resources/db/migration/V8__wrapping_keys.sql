-- The key-encryption key can be exchanged. A wrapped key begins with the byte 1 and the id of the
-- key-encryption key that wrapped it, eight bytes of a hash of it; '' stands for keys that were
-- wrapped before that.
ALTER TABLE vaults ADD COLUMN wrapped_with text NOT NULL GENERATED ALWAYS AS
  (CASE WHEN substring(data_key FROM 1 FOR 1) = '\x01'::bytea
    THEN encode(substring(data_key FROM 2 FOR 8), 'hex') ELSE '' END) STORED;
ALTER TABLE keyset ADD COLUMN wrapped_with text NOT NULL GENERATED ALWAYS AS
  (CASE WHEN substring(ciphertext FROM 1 FOR 1) = '\x01'::bytea
    THEN encode(substring(ciphertext FROM 2 FOR 8), 'hex') ELSE '' END) STORED;

CREATE INDEX vaults_wrapped_with ON vaults (wrapped_with, id) WHERE data_key IS NOT NULL;

-- Key-encryption keys that were ever first in a file; the keys themselves are not here. All rows are
-- to be wrapped with the newest. One that is retired wraps nothing, and never will again.
CREATE TABLE wrapping_key (
  id             text        PRIMARY KEY,
  number         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  first_used_at  timestamptz NOT NULL,
  retired_at     timestamptz
);
