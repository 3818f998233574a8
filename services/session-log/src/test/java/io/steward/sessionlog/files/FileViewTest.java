package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileViewTest {
  private static final SessionId SESSION = SessionId.random(1);
  private static final StoredFile UPLOAD =
      new StoredFile(
          "file_1",
          "w",
          "a.txt",
          "text/plain",
          5,
          Instant.parse("2026-08-21T10:00:00.120Z"),
          Instant.parse("2026-08-21T11:00:00.120Z"),
          false,
          null,
          "files/file_1/content",
          StoredFile.Origin.UPLOAD);
  private static final StoredFile OUTPUT =
      new StoredFile(
          "file_2",
          "w",
          "b.txt",
          "text/plain",
          6,
          Instant.parse("2026-08-21T10:00:00Z"),
          null,
          true,
          SESSION,
          SESSION + "/outputs/file_2",
          StoredFile.Origin.SESSION_OUTPUT);

  @Test
  void a_file_is_shown_without_where_its_bytes_are() {
    assertEquals(
        "{\"id\":\"file_1\",\"type\":\"file\",\"filename\":\"a.txt\",\"mime_type\":\"text/plain\","
            + "\"size_bytes\":5,\"created_at\":\"2026-08-21T10:00:00.120Z\",\"downloadable\":false,"
            + "\"expires_at\":\"2026-08-21T11:00:00.120Z\",\"scope\":null}",
        json(FileView.of(UPLOAD, false)));
    assertEquals(
        "{\"id\":\"file_2\",\"type\":\"file\",\"filename\":\"b.txt\",\"mime_type\":\"text/plain\","
            + "\"size_bytes\":6,\"created_at\":\"2026-08-21T10:00:00Z\",\"downloadable\":true,"
            + "\"expires_at\":null,\"scope\":{\"type\":\"session\",\"id\":\""
            + SESSION
            + "\"}}",
        json(FileView.of(OUTPUT, false)));
  }

  @Test
  void earlier_clients_know_no_expiry() {
    assertEquals(false, FileView.of(UPLOAD, true).has("expires_at"));
  }

  @Test
  void a_page_of_earlier_clients_names_its_ends_also_when_it_is_empty() {
    assertEquals(
        "{\"data\":[],\"has_more\":false,\"first_id\":null,\"last_id\":null}",
        json(new FileView.LegacyPage(List.of(), false, null, null)));
  }

  private static String json(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }
}
