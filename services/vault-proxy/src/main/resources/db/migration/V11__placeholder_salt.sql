-- What the placeholders of a vault's variables are computed from: random, the same for its whole
-- life, and no secret of the user's. Others know it with the names of the variables, so all vaults
-- are published again.
ALTER TABLE vaults ADD COLUMN placeholder_salt text NOT NULL
  DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');

INSERT INTO vault_outbox (vault_id) SELECT id FROM vaults ORDER BY created_at, id
  ON CONFLICT (vault_id) DO UPDATE SET ticket = DEFAULT;
