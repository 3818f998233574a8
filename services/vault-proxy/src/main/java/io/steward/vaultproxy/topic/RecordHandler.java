package io.steward.vaultproxy.topic;

import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;

/// What is done with the records of a topic.
interface RecordHandler {
  /// Called once per connection to Kafka, before the first record is read. What it throws makes the
  /// loop start over.
  void beforeReading();

  /// Called for each record by the loop's one thread. What it throws, apart from
  /// [UnreadableRecordException], makes the loop start over at the last acknowledged record.
  ///
  /// @param acknowledge is called once the record is done, by any thread
  /// @throws UnreadableRecordException when nobody ever can do anything with the record
  void handle(RecordFormat.Decoded decoded, Runnable acknowledge) throws UnreadableRecordException;
}
