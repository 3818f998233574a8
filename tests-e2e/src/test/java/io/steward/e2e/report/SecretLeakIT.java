package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs last: what the whole run wrote must not hold the planted key of the model.
@ExtendWith(StageExtension.class)
@Order(Integer.MAX_VALUE)
class SecretLeakIT {
  private final Stage stage;

  SecretLeakIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void no_topic_holds_the_models_key() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("env"), Reply.text("ok")))) {
      session.turn("Once more");
    }
    Set<String> topics = KafkaRecords.topics(stage.steward());
    List<ConsumerRecord<byte[], byte[]>> records = KafkaRecords.read(stage.steward(), topics);

    List<String> leaks = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (holdsKey(record.key()) || holdsKey(record.value()) || anyHolds(record)) {
        leaks.add(record.topic() + "@" + record.offset());
      }
    }
    assertTrue(topics.contains("session-events"), topics.toString());
    assertTrue(records.size() > 10, records.size() + " records");
    assertEquals(List.of(), leaks);
  }

  @Test
  void no_log_holds_the_models_key() throws Exception {
    List<Path> logs = stage.steward().logFiles();

    List<Path> leaks = new ArrayList<>();
    for (Path log : logs) {
      if (holdsKey(Files.readAllBytes(log))) {
        leaks.add(log);
      }
    }
    assertTrue(logs.size() > Steward.CHILDREN.size(), logs.toString());
    assertEquals(List.of(), leaks);
  }

  @Test
  void every_request_to_the_model_belonged_to_a_session() {
    assertEquals(List.of(), stage.model().strays());
  }

  private boolean anyHolds(ConsumerRecord<byte[], byte[]> record) {
    for (Header header : record.headers()) {
      if (holdsKey(header.value())) {
        return true;
      }
    }
    return false;
  }

  private boolean holdsKey(byte @Nullable [] bytes) {
    return bytes != null
        && new String(bytes, StandardCharsets.ISO_8859_1).contains(stage.modelKey());
  }
}
