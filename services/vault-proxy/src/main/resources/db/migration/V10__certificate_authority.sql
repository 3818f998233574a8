-- The authority whose certificates the egress proxy answers with: one row. The private key is
-- encrypted with the data key of the service and bound to the id.
CREATE TABLE certificate_authority (
  one            boolean     PRIMARY KEY DEFAULT true CHECK (one),
  id             text        NOT NULL,
  certificate    bytea       NOT NULL,
  encrypted_key  bytea       NOT NULL,
  created_at     timestamptz NOT NULL
);
