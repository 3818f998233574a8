-- When a secret was last used by a clone, or else made. One that was not used for long is removed:
-- nobody says that it was replaced, or that its session never came to be.
ALTER TABLE session_secret ADD COLUMN used_at timestamptz;
UPDATE session_secret SET used_at = created_at;
ALTER TABLE session_secret ALTER COLUMN used_at SET NOT NULL;

CREATE INDEX session_secret_use ON session_secret (used_at);
