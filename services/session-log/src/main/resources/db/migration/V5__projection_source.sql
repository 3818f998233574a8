-- Which log the projection was made from, and how often it was made. One row.
--
-- topic_id: the id Kafka gave session-events when it was made; null until it was first read.
-- generation: goes up each time the projection is emptied, to be made again.
-- wanted: an operator sets it to generation + 1 to have that done.
CREATE TABLE projection_source (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  topic_id text,
  generation bigint NOT NULL DEFAULT 0,
  wanted bigint NOT NULL DEFAULT 0
);

INSERT INTO projection_source DEFAULT VALUES;

-- The epoch of the leader that wrote what lies before the position, as far as it is known.
ALTER TABLE partition_position ADD COLUMN leader_epoch int;
