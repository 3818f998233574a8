package io.steward.e2e.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.MultipartField;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.files.BetaFileMetadata;
import com.anthropic.models.beta.files.FileListParams;
import com.anthropic.models.beta.files.FileUploadParams;
import com.anthropic.services.blocking.beta.FileService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Multipart;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The Files API (contract, platform §5).
@ExtendWith(StageExtension.class)
class FilesIT {
  private final Stage stage;
  private final FileService files;

  FilesIT(Stage stage) {
    this.stage = stage;
    this.files = stage.sdk().beta().files();
  }

  @Test
  void an_upload_is_described_read_listed_and_deleted() {
    BetaFileMetadata made = upload("notes.txt", "text/plain", "hello");

    made.validate();
    assertTrue(made.id().startsWith("file_"), made.id());
    assertEquals("notes.txt", made.filename());
    assertEquals("text/plain", made.mimeType());
    assertEquals(5, made.sizeBytes());
    assertEquals(false, made.downloadable().orElseThrow());
    assertTrue(made.expiresAt().isEmpty() && made.scope().isEmpty());
    assertEquals(Stage.json(made), Stage.json(files.retrieveMetadata(made.id()).validate()));
    assertTrue(ids(FileListParams.builder().build()).contains(made.id()));

    JsonNode deleted = Stage.json(files.delete(made.id()).validate());

    assertEquals(made.id(), deleted.path("id").asText());
    assertEquals("file_deleted", deleted.path("type").asText());
    assertThrows(NotFoundException.class, () -> files.retrieveMetadata(made.id()));
    assertThrows(NotFoundException.class, () -> files.delete(made.id()));
    assertFalse(ids(FileListParams.builder().build()).contains(made.id()));
  }

  @Test
  void an_uploaded_file_cannot_be_downloaded() throws Exception {
    BetaFileMetadata made = upload("a.txt", "text/plain", "x");

    Answer refused = stage.api().get("/v1/files/" + made.id() + "/content");

    assertEquals(400, refused.status(), refused.text());
    assertEquals("file_not_downloadable", refused.errorCode(), refused.text());
    assertThrows(BadRequestException.class, () -> files.download(made.id()));
  }

  @Test
  void the_list_pages_from_the_newest_and_the_official_client_reaches_its_end() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(upload("page-" + i + ".txt", "text/plain", "x").id());
    }

    List<String> paged = ids(FileListParams.builder().limit(2).build());
    Answer first = stage.api().get("/v1/files?limit=2");
    Answer second =
        stage.api().get("/v1/files?limit=2&page=" + first.body().path("next_page").asText());

    assertEquals(made, paged.subList(0, 5));
    assertEquals(made.subList(2, 4), second.body().path("data").findValuesAsText("id"));
    assertFalse(first.body().has("has_more"), first.text());
  }

  @Test
  void files_are_listed_by_their_ids() throws Exception {
    String one = upload("1", "text/plain", "x").id();
    String two = upload("2", "text/plain", "x").id();

    List<String> listed =
        ids(FileListParams.builder().addId(one).addId("file_01unknown").addId(two).build());
    Answer withLimit = stage.api().get("/v1/files?ids%5B%5D=" + one + "&limit=5");
    StringBuilder tooMany = new StringBuilder("/v1/files?");
    for (int i = 0; i <= 100; i++) {
      tooMany.append("ids%5B%5D=file_").append(i).append('&');
    }

    assertEquals(List.of(one, two), listed.stream().sorted(byOrderOf(one, two)).toList());
    assertEquals(400, withLimit.status(), withLimit.text());
    assertEquals(400, stage.api().get(tooMany.toString()).status());
  }

  @Test
  void a_file_expires_when_its_upload_says_so() {
    BetaFileMetadata made =
        files.upload(
            FileUploadParams.builder()
                .file(content("temp.txt", "text/plain", "x"))
                .expiresInSeconds(3_600)
                .build());

    assertEquals(
        made.createdAt().plusHours(1).toEpochSecond(),
        made.expiresAt().orElseThrow().toEpochSecond());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3_599, 7_776_001})
  void an_expiry_out_of_range_is_refused(long seconds) {
    FileUploadParams params =
        FileUploadParams.builder()
            .file(content("temp.txt", "text/plain", "x"))
            .expiresInSeconds(seconds)
            .build();

    assertThrows(BadRequestException.class, () -> files.upload(params));
  }

  @ParameterizedTest
  @CsvSource({
    "dir/sub/name.txt,name.txt",
    "grüße.txt,grüße.txt",
    "../../etc/passwd,passwd",
    "/etc/passwd,passwd",
  })
  void of_a_path_only_the_name_is_kept(String sent, String kept) throws Exception {
    Answer made = Multipart.of(sent, "text/plain", new byte[] {1}).post(stage.api());

    assertEquals(200, made.status(), made.text());
    assertEquals(kept, made.body().path("filename").asText());
  }

  @Test
  void a_part_without_a_name_gets_one() throws Exception {
    Answer made =
        new Multipart(null, "text/plain", 1, () -> new ByteArrayInputStream(new byte[1]))
            .post(stage.api());

    // A part without a filename is not a file to some parsers; then it is refused in words.
    if (made.status() == 200) {
      assertEquals("unnamed.txt", made.body().path("filename").asText());
    } else {
      assertEquals(400, made.status(), made.text());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a<b.txt", "a>b", "a:b", "a|b", "a?b", "a*b", "a\\b", "."})
  void a_bad_filename_is_refused_and_nothing_is_stored(String name) throws Exception {
    Answer before = stage.api().get("/v1/files");

    Answer refused = Multipart.of(name, "text/plain", new byte[] {1}).post(stage.api());

    assertEquals(400, refused.status(), refused.text());
    assertTrue(refused.errorMessage().contains("filename"), refused.text());
    assertEquals(before.body(), stage.api().get("/v1/files").body());
  }

  @Test
  void a_name_of_more_than_255_characters_is_refused() throws Exception {
    Answer refused = Multipart.of("x".repeat(256), "text/plain", new byte[] {1}).post(stage.api());

    assertEquals(400, refused.status(), refused.text());
  }

  @Test
  void what_is_not_a_form_with_a_file_is_refused() throws Exception {
    for (String body : List.of("", "x", "--steward-boundary-7f3a\r\n", "{}")) {
      Answer refused =
          stage
              .api()
              .send(
                  stage
                      .api()
                      .request("/v1/files")
                      .header("content-type", Multipart.contentType())
                      .POST(HttpRequest.BodyPublishers.ofString(body)));
      assertEquals(400, refused.status(), body + " -> " + refused);
    }
    Answer json = stage.api().post("/v1/files", "{\"file\":\"x\"}");
    assertEquals(400, json.status(), json.text());
  }

  @Test
  void older_clients_get_the_older_shape() throws Exception {
    String id = upload("old.txt", "text/plain", "x").id();

    Answer listed = legacy("/v1/files?limit=1");
    Answer after = legacy("/v1/files?limit=1&after_id=" + id);

    assertEquals(id, listed.body().path("first_id").asText(), listed.text());
    assertEquals(id, listed.body().path("last_id").asText());
    assertTrue(listed.body().path("has_more").isBoolean());
    assertFalse(listed.body().has("next_page"), listed.text());
    assertFalse(listed.body().at("/data/0").has("expires_at"), listed.text());
    assertFalse(after.body().path("data").findValuesAsText("id").contains(id), after.text());
    assertEquals(200, stage.api().get("/v1/files?beta=true").status());
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/files?limit=0,limit",
    "/v1/files?limit=x,limit",
    "/v1/files?page=page_x,page",
  })
  void bad_parameters_are_refused_by_name(String path, String named) throws Exception {
    Answer refused = stage.api().get(path);

    assertEquals(400, refused.status(), path + " -> " + refused);
    assertTrue(refused.errorMessage().contains(named), refused.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file_01unknown", "nonsense", "file_..%2F..%2Fetc%2Fpasswd"})
  void an_unknown_file_is_not_found(String id) throws Exception {
    for (Answer answer :
        List.of(
            stage.api().get("/v1/files/" + id),
            stage.api().get("/v1/files/" + id + "/content"),
            stage.api().delete("/v1/files/" + id))) {
      assertEquals(404, answer.status(), answer.text());
    }
  }

  private Answer legacy(String path) throws Exception {
    return stage
        .api()
        .send(
            HttpRequest.newBuilder(java.net.URI.create(stage.steward().baseUrl() + path))
                .header("x-api-key", io.steward.e2e.stage.Steward.API_KEY)
                .header("anthropic-version", "2023-06-01")
                .header("anthropic-beta", "files-api-2025-04-14")
                .GET());
  }

  private static java.util.Comparator<String> byOrderOf(String... ids) {
    return java.util.Comparator.comparingInt(List.of(ids)::indexOf);
  }

  private List<String> ids(FileListParams params) {
    List<String> ids = new ArrayList<>();
    files.list(params).autoPager().forEach(file -> ids.add(file.validate().id()));
    return ids;
  }

  private BetaFileMetadata upload(String name, String mediaType, String text) {
    return files.upload(FileUploadParams.builder().file(content(name, mediaType, text)).build());
  }

  static MultipartField<InputStream> content(String name, String mediaType, String text) {
    return MultipartField.<InputStream>builder()
        .value(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
        .filename(name)
        .contentType(mediaType)
        .build();
  }
}
