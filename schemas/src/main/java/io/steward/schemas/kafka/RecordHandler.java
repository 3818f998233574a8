package io.steward.schemas.kafka;

/// What a service does with the records of a topic that a [RecordLoop] reads.
public interface RecordHandler {
  /// Called once per connection to Kafka, before the first record is read. What it throws makes the
  /// loop start over.
  default void beforeReading() {}

  /// Called for each record with a value, by the loop's one thread, in the order of its partition.
  /// A record may come again that was handed over before. Any exception but the two below is taken
  /// for the record's fault: after [RecordLoop#TRIES_MAX] tries the record is set aside.
  ///
  /// @param acknowledge is called once the record is done, by any thread
  /// @throws UnreadableRecordException when nobody ever can do anything with the record
  /// @throws DependencyAwayException when the record may be fine; it is tried again for ever
  void handle(RecordFormat.Decoded decoded, Runnable acknowledge) throws UnreadableRecordException;
}
