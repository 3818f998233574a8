-- Files of the Files API. Unlike the projection, this cannot be made again from a topic.
--
-- state: 'uploading' (its bytes are coming, nobody sees it), 'stored', 'deleted' (nobody sees it; the
-- row stays for a day, so that a late record does not bring the file back).
-- freed: the bytes are gone from the blob store.
CREATE TABLE file (
  file_id text PRIMARY KEY,
  workspace_id text NOT NULL,
  origin text NOT NULL,
  state text NOT NULL,
  state_since timestamptz NOT NULL,
  freed boolean NOT NULL DEFAULT false,
  session_id text,
  filename text NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  blob_key text NOT NULL,
  -- Of what a session wrote: where, and which record said so last.
  output_path text,
  record_offset bigint
);

CREATE INDEX file_order ON file (created_at, file_id)
  WHERE state = 'stored' AND origin <> 'session_input';
CREATE INDEX file_session ON file (session_id);
CREATE UNIQUE INDEX file_output ON file (session_id, output_path) WHERE state = 'stored';
CREATE INDEX file_sizes ON file (size_bytes)
  WHERE state = 'stored' AND NOT freed AND origin <> 'session_input';
CREATE INDEX file_expiry ON file (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX file_unsettled ON file (state_since) WHERE state <> 'stored';
