package io.steward.e2e.subscribe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The topics of a running Steward, with everything the run before has written.
@ExtendWith(StageExtension.class)
@Order(Integer.MAX_VALUE - 1)
class TopicsIT {
  private static final int SHOWN_MAX = 20;

  private final Stage stage;
  private final TopicDescriptions descriptions;

  TopicsIT(Stage stage) throws Exception {
    this.stage = stage;
    this.descriptions = new TopicDescriptions();
  }

  @Test
  void every_topic_that_is_there_is_described_and_every_described_one_is_there() {
    assertEquals(descriptions.topics(), new TreeSet<>(KafkaRecords.topics(stage.steward())));
  }

  @Test
  void every_record_is_what_its_topic_says() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("sleep 2; echo a"), Reply.text("ok")))) {
      session.turn("Go");
    }

    List<ConsumerRecord<byte[], byte[]>> records =
        KafkaRecords.read(stage.steward(), descriptions.topics());

    Map<String, Long> counts =
        records.stream()
            .collect(
                Collectors.groupingBy(ConsumerRecord::topic, TreeMap::new, Collectors.counting()));
    System.out.println("records: " + counts);
    assertTrue(
        counts
            .keySet()
            .containsAll(
                Set.of(
                    "session-events",
                    "session-previews",
                    "session-progress",
                    "sandbox-commands",
                    "sandbox-events",
                    "tool-results",
                    "agents",
                    "environments",
                    "vaults")),
        counts.toString());
    List<String> wrong =
        records.stream()
            .filter(record -> record.headers().lastHeader(KafkaRecords.POISON_HEADER) == null)
            .flatMap(record -> descriptions.violations(record).stream())
            .limit(SHOWN_MAX)
            .toList();
    assertEquals(List.of(), wrong);
  }
}
