package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecordCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Recorded histories are replayed on every build, for ever: a released branch of the fold never
/// changes its meaning. A history is added for every new meaning; none is edited.
class ReplayTest {
  private static final Path HISTORIES = Path.of("examples", "histories");

  static List<Path> histories() throws IOException {
    try (Stream<Path> files = Files.list(HISTORIES)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("histories")
  void a_recorded_history_folds_to_the_state_it_was_recorded_with(Path file) throws IOException {
    JsonNode history = Json.tree(Files.readAllBytes(file));

    Session session = Session.ABSENT;
    for (LoggedRecord record : records(history)) {
      session = session.apply(record);
    }

    assertEquals(history.get("state"), Json.tree(Json.bytes(session)));
  }

  @ParameterizedTest
  @MethodSource("histories")
  void a_recorded_state_can_be_read_back(Path file) throws IOException {
    JsonNode state = Json.tree(Files.readAllBytes(file)).get("state");

    Session session = Json.read(Json.bytes(state), Session.class);

    assertEquals(state, Json.tree(Json.bytes(session)));
  }

  private static List<LoggedRecord> records(JsonNode history) {
    List<LoggedRecord> records = new ArrayList<>();
    for (JsonNode entry : history.get("records")) {
      records.add(
          new LoggedRecord(
              Wire.SESSION,
              entry.get("record_id").asText(),
              entry.get("offset").asLong(),
              Instant.parse(entry.get("time").asText()),
              SessionRecordCodec.decode(
                  entry.get("type").asText(),
                  entry.path("may_ignore").asBoolean(),
                  Json.bytes(entry.get("json")))));
    }
    return records;
  }
}
