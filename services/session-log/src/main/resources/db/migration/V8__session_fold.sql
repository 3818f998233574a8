-- Sessions as they were at an offset, so that a long one is not folded from its first record again. What is
-- here can always be made from session_record.
CREATE TABLE session_fold (
  session_id text PRIMARY KEY,
  fold_version integer NOT NULL,
  next_offset bigint NOT NULL,
  weight bigint NOT NULL,
  session text NOT NULL
);
