package io.steward.sessionlog.log;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real clients of a broker that refuses connections, and of one that takes them and never answers.
@Timeout(60)
class KafkaAwayTest {
  private static final SessionRecord SENT =
      new SessionRecord.EventsSent(List.of(message("sevt_1")));

  private final AtomicInteger doubts = new AtomicInteger();

  @TempDir private Path directory;

  @Test
  void an_append_to_a_broker_that_refuses_is_503_in_time() throws IOException {
    try (ServerSocket closed = listen()) {
      closed.close();

      assertUnavailable(appendTo(closed.getLocalPort()));
    }
  }

  @Test
  void an_append_to_a_broker_that_never_answers_is_503_in_time_and_in_doubt() throws IOException {
    try (ServerSocket silent = listen()) {
      assertUnavailable(appendTo(silent.getLocalPort()));
      assertEquals(1, doubts.get());
    }
  }

  @Test
  void a_barrier_without_an_answer_is_503_in_time() throws IOException {
    try (ServerSocket silent = listen()) {
      StableOffsets offsets = new StableOffsets(clients(silent.getLocalPort()));
      try {
        assertUnavailable(
            assertThrows(
                ApiException.class,
                () -> offsets.of(new TopicPartition(Topics.SESSION_EVENTS, 0))));
      } finally {
        offsets.stop();
      }
    }
  }

  private ApiException appendTo(int port) {
    LogWriter writer =
        new LogWriter(
            clients(port),
            new RecordFormat(new DirectoryBlobStore(directory)),
            () -> T0,
            Samples.config(Map.of("steward.session-log.append-timeout", "500ms")),
            Tracing.off());
    try {
      return assertThrows(
          ApiException.class, () -> writer.append(ID, "rec_1", SENT, doubts::incrementAndGet));
    } finally {
      writer.stop();
    }
  }

  private static void assertUnavailable(ApiException refusal) {
    ApiError error = refusal.error();
    assertEquals(503, error.status());
    assertNotNull(error.retryAfter());
  }

  private static KafkaClients clients(int port) {
    return new KafkaClients("127.0.0.1:" + port);
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }
}
