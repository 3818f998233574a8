package io.steward.harness.log;

import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.sandbox.ToolResult;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Reads records. A body in a blob store that does not answer is asked for again a few times; the
/// partition waits meanwhile, because order matters.
public final class RecordReader {
  private static final Logger LOG = Logger.getLogger(RecordReader.class);
  private static final int BLOB_ATTEMPTS_MAX = 5;
  private static final Duration BLOB_RETRY = Duration.ofMillis(200);

  private final RecordFormat format;

  public RecordReader(RecordFormat format) {
    this.format = format;
  }

  /// What a record of `session-events` holds.
  public Reading event(ConsumerRecord<String, byte[]> record) {
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          Optional<LoggedRecord> logged = format.decodeSession(record);
          return logged.isPresent()
              ? new Reading.Logged(logged.get(), record.serializedValueSize())
              : new Reading.Nothing();
        } catch (UncheckedIOException e) {
          if (attempt == BLOB_ATTEMPTS_MAX) {
            throw new UnreadableRecordException("its body is not in the blob store", e);
          }
          Thread.sleep(BLOB_RETRY);
        }
      }
    } catch (UnreadableRecordException e) {
      return unreadable(record, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reading.Nothing();
    }
  }

  private static Reading unreadable(
      ConsumerRecord<String, byte[]> record, UnreadableRecordException cause) {
    String key = record.key() == null ? "" : record.key();
    int slash = key.indexOf('/');
    Optional<SessionId> session = SessionId.parse(slash < 0 ? key : key.substring(0, slash));
    LOG.errorf(
        cause,
        "A record cannot be read session_id=%s partition=%d offset=%d",
        session.map(SessionId::value).orElse("unknown"),
        record.partition(),
        record.offset());
    return session.isPresent()
        ? new Reading.Unreadable(session.get(), record.offset(), String.valueOf(cause.getMessage()))
        : new Reading.Nothing();
  }

  /// What a record of `tool-results` holds.
  public sealed interface Answer {
    SessionId sessionId();

    /// A sandbox ran a tool.
    record Tool(ToolResult result) implements Answer {
      @Override
      public SessionId sessionId() {
        return result.sessionId();
      }
    }

    /// Something came that cannot be read; whoever sent it sends it again when it is asked again.
    record Lost(SessionId sessionId) implements Answer {}

    /// vault-proxy cloned a repository, or could not.
    record Repository(RepositoryResult result) implements Answer {
      @Override
      public SessionId sessionId() {
        return result.sessionId();
      }
    }
  }

  /// The answer to a command, or empty when the record holds none.
  public Optional<Answer> answer(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      RecordFormat.Decoded decoded = decoded(record);
      return switch (decoded.envelope().type()) {
        case ToolResult.TYPE ->
            Optional.of(new Answer.Tool(Json.read(decoded.json(), ToolResult.class)));
        case RepositoryResult.TYPE ->
            Optional.of(new Answer.Repository(Json.read(decoded.json(), RepositoryResult.class)));
        default -> Optional.empty();
      };
    } catch (UnreadableRecordException | UncheckedIOException e) {
      LOG.errorf(
          e,
          "A tool result cannot be read partition=%d offset=%d",
          record.partition(),
          record.offset());
      return SessionId.parse(String.valueOf(record.key())).map(Answer.Lost::new);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /// The blob store may be away for a moment.
  private RecordFormat.Decoded decoded(ConsumerRecord<String, byte[]> record)
      throws UnreadableRecordException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return format.decode(record);
      } catch (UncheckedIOException e) {
        if (attempt == BLOB_ATTEMPTS_MAX) {
          throw e;
        }
        Thread.sleep(BLOB_RETRY);
      }
    }
  }
}
