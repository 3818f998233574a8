-- Who is asking for a new access token right now, and until when nobody else does. By the clock of
-- the database; a lease whose holder died ends by itself.
ALTER TABLE vault_credential ADD COLUMN refreshing_by text;
ALTER TABLE vault_credential ADD COLUMN refreshing_until timestamptz;
