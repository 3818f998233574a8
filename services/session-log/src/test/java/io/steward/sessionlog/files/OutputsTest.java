package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxOutput;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputsTest {
  private static final SessionId SESSION = SessionId.random(1);

  @Test
  void a_complete_record_is_taken() {
    assertDoesNotThrow(
        () -> Outputs.check(output("file_1", "a/b.txt", SESSION + "/outputs/file_1", 0)));
  }

  @ParameterizedTest
  @CsvSource({
    "report, a.txt, SESSION/outputs/f, 1",
    "file_1, '', SESSION/outputs/f, 1",
    "file_1, 'a\u0000', SESSION/outputs/f, 1",
    "file_1, a.txt, SESSION/outputs/f, -1",
    "file_1, a.txt, files/file_2/content, 1",
    "file_1, a.txt, SESSION/../files/f, 1",
    "file_1, a.txt, SESSION/, 1"
  })
  void what_no_file_can_be_made_of_is_unreadable(String id, String path, String key, long size) {
    String blobKey = key.replace("SESSION", SESSION.value());

    assertThrows(
        UnreadableRecordException.class, () -> Outputs.check(output(id, path, blobKey, size)));
  }

  @Test
  void what_lacks_a_field_is_unreadable() {
    byte[] json = "{\"path\":\"a\",\"size_bytes\":1}".getBytes(StandardCharsets.UTF_8);

    assertThrows(
        UnreadableRecordException.class, () -> Outputs.check(Json.read(json, SandboxOutput.class)));
  }

  private static SandboxOutput output(String id, String path, String blobKey, long sizeBytes) {
    return new SandboxOutput(
        SESSION, id, path, blobKey, "text/plain", sizeBytes, "00", Instant.EPOCH);
  }
}
