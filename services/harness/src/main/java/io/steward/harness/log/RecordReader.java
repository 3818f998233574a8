package io.steward.harness.log;

import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.sandbox.ToolResult;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Reads records. A body that is not in the blob store is asked for a few times; a blob store that
/// does not answer is asked until it does. The partition waits meanwhile, because order matters.
public final class RecordReader {
  private static final Logger LOG = Logger.getLogger(RecordReader.class);
  private static final int ABSENT_BODY_ATTEMPTS_MAX = 5;
  private static final Duration BLOB_RETRY = Duration.ofMillis(200);
  private static final int ATTEMPTS_PER_LOG_LINE = 50;

  private final RecordFormat format;
  private final DeadLetters deadLetters;

  public RecordReader(RecordFormat format, DeadLetters deadLetters) {
    this.format = format;
    this.deadLetters = deadLetters;
  }

  /// What a record of `session-events` holds. Interrupting the thread ends the wait for a blob
  /// store.
  public Reading event(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return new Reading.Nothing();
    }
    try {
      RecordFormat.Decoded decoded = decoded(record);
      SessionId session =
          SessionId.parse(decoded.envelope().subject())
              .orElseThrow(() -> new UnreadableRecordException("ce_subject is not a session id"));
      LoggedRecord logged =
          new LoggedRecord(
              session,
              decoded.envelope().id(),
              record.offset(),
              decoded.envelope().time(),
              RecordFormat.sessionRecord(decoded),
              decoded.envelope().trace());
      return new Reading.Logged(logged, decoded.json().length);
    } catch (UnreadableRecordException e) {
      return unreadable(record, String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Reading.Nothing();
    } catch (RuntimeException e) { // Whatever is wrong with it, it is this one record.
      LOG.debugf(e, "A record cannot be read");
      return unreadable(record, e.getClass().getSimpleName());
    }
  }

  private Reading unreadable(ConsumerRecord<String, byte[]> record, String reason) {
    deadLetters.add(record, reason);
    String key = record.key() == null ? "" : record.key();
    int slash = key.indexOf('/');
    Optional<SessionId> session = SessionId.parse(slash < 0 ? key : key.substring(0, slash));
    return session.isPresent()
        ? new Reading.Unreadable(session.get(), record.offset(), reason)
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

    /// An MCP server told vault-proxy its tools, or cannot be used.
    record McpTools(McpToolList list) implements Answer {
      @Override
      public SessionId sessionId() {
        return list.sessionId();
      }
    }

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
      return Optional.of(known(decoded(record)));
    } catch (UnreadableRecordException e) {
      return lost(record, String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (RuntimeException e) {
      LOG.debugf(e, "A record cannot be read");
      return lost(record, e.getClass().getSimpleName());
    }
  }

  private Optional<Answer> lost(ConsumerRecord<String, byte[]> record, String reason) {
    deadLetters.add(record, reason);
    return SessionId.parse(String.valueOf(record.key())).map(Answer.Lost::new);
  }

  private static Answer known(RecordFormat.Decoded decoded) throws UnreadableRecordException {
    String type = decoded.envelope().type();
    if (decoded.envelope().schemaVersion() > RecordFormat.SCHEMA_VERSION) {
      throw new UnreadableRecordException(
          "its version is " + decoded.envelope().schemaVersion() + ", which is not known here");
    }
    try {
      return switch (type) {
        case ToolResult.TYPE -> new Answer.Tool(Json.read(decoded.json(), ToolResult.class));
        case McpToolList.TYPE -> new Answer.McpTools(Json.read(decoded.json(), McpToolList.class));
        case RepositoryResult.TYPE ->
            new Answer.Repository(Json.read(decoded.json(), RepositoryResult.class));
        default -> throw new UnreadableRecordException("its type " + type + " is not known here");
      };
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body does not fit the type " + type, e);
    }
  }

  private RecordFormat.Decoded decoded(ConsumerRecord<String, byte[]> record)
      throws UnreadableRecordException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return format.decode(record);
      } catch (UncheckedIOException e) {
        boolean absent = e.getCause() instanceof NoSuchFileException;
        if (absent && attempt >= ABSENT_BODY_ATTEMPTS_MAX) {
          throw new UnreadableRecordException("its body is not in the blob store", e);
        }
        if (!absent && attempt % ATTEMPTS_PER_LOG_LINE == 1) {
          LOG.warnf(
              "The blob store does not answer, the partition waits partition=%d: %s",
              record.partition(), e.getCause());
        }
        Thread.sleep(BLOB_RETRY);
      }
    }
  }
}
