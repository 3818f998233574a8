-- Vaults whose newest state is not on the topic `vaults` yet. Whoever makes, archives or deletes a
-- vault puts its id here in the same transaction; who publishes it reads its state at that moment, so
-- one row for each vault is enough, whatever happened to it. The order is that of the last changes.
CREATE TABLE vault_outbox (
  vault_id  text    PRIMARY KEY, -- also of vaults that are gone
  ticket    bigint  NOT NULL GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX vault_outbox_order ON vault_outbox (ticket);

-- Those there are already were never published.
INSERT INTO vault_outbox (vault_id) SELECT id FROM vaults ORDER BY created_at, id;
