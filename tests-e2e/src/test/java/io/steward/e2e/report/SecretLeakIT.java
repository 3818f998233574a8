package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Leaks;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs last: what the whole run wrote must hold none of the planted secrets: the key of the model,
/// and the credentials that tests gave to vaults.
@ExtendWith(StageExtension.class)
@Order(Integer.MAX_VALUE)
class SecretLeakIT {
  private final Stage stage;
  private final Leaks leaks;

  SecretLeakIT(Stage stage) {
    this.stage = stage;
    this.leaks = new Leaks(stage.secrets());
  }

  @Test
  void no_topic_holds_a_secret() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("env"), Reply.text("ok")))) {
      session.turn("Once more");
    }
    Set<String> topics = KafkaRecords.topics(stage.steward());
    Leaks.Found found = leaks.inTopics(stage.steward(), topics);

    assertTrue(topics.contains("session-events"), topics.toString());
    assertTrue(found.looked() > 10, found.looked() + " records");
    assertEquals(List.of(), found.leaks());
  }

  @Test
  void no_log_holds_a_secret() throws Exception {
    List<Path> logs = stage.steward().logFiles();

    List<Path> leaky = new ArrayList<>();
    for (Path log : logs) {
      if (leaks.in(Files.readAllBytes(log))) {
        leaky.add(log);
      }
    }
    assertTrue(logs.size() > Steward.CHILDREN.size(), logs.toString());
    assertEquals(List.of(), leaky);
  }

  /// Everything Steward keeps: the log, the database with what it writes ahead, blobs, sandboxes.
  @Test
  void no_file_holds_a_secret() throws Exception {
    Leaks.Found found = leaks.inFiles(stage.steward().dataDirectory());

    assertTrue(found.looked() > 100, found.looked() + " files");
    assertEquals(List.of(), found.leaks());
  }

  @Test
  void every_request_to_the_model_belonged_to_a_session() {
    assertEquals(List.of(), stage.model().strays());
  }
}
