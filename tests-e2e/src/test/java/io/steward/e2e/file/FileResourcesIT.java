package io.steward.e2e.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.files.BetaFileMetadata;
import com.anthropic.models.beta.files.FileListParams;
import com.anthropic.models.beta.files.FileUploadParams;
import com.anthropic.models.beta.sessions.BetaManagedAgentsFileResourceParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsUserMessageEventParams;
import com.anthropic.models.beta.sessions.events.EventSendParams;
import com.anthropic.models.beta.sessions.resources.BetaManagedAgentsFileResource;
import com.anthropic.models.beta.sessions.resources.ResourceAddParams;
import com.anthropic.models.beta.sessions.resources.ResourceDeleteParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files in a session: mounted, named in messages, left behind (contract, core §6; platform §5.5).
@ExtendWith(StageExtension.class)
class FileResourcesIT {
  private static final Duration OUTPUT_WITHIN = Duration.ofSeconds(20);

  private final Stage stage;

  FileResourcesIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void files_given_at_the_creation_are_there_before_the_first_call_and_cannot_be_written()
      throws Exception {
    String plain = upload("a.txt", "text/plain", "plain content");
    String placed = upload("b.txt", "text/plain", "placed content");
    Script script =
        Script.of(
            Reply.bash(
                "cat /mnt/session/uploads/data/deep/b.txt; echo; ls -R /mnt/session/uploads; "
                    + "cat /mnt/session/uploads/file_*"),
            Reply.bash("echo x > /mnt/session/uploads/data/deep/b.txt"),
            Reply.bash(
                "rm -f /mnt/session/uploads/data/deep/b.txt; echo y > /mnt/session/uploads/c"),
            Reply.bash("cat /mnt/session/uploads/data/deep/b.txt"),
            Reply.text("ok"));
    try (OpenSession session =
        stage.session(
            SessionCreateParams.builder()
                .agent(stage.toolAgentId())
                .addFileResource(plain)
                .addResource(mounted(placed, "/mnt/session/uploads/data/deep/b.txt")),
            script)) {
      session.turn("Look");

      List<ToolOutcome> results = results(script);
      assertTrue(results.get(0).text().contains("placed content"), session::describe);
      assertTrue(results.get(0).text().contains("plain content"), session::describe);
      assertTrue(results.get(1).isError(), results.toString());
      assertEquals("placed content", results.get(3).text().strip());
      JsonNode resources = session.get().path("resources");
      assertEquals(2, resources.size(), resources.toString());
      JsonNode first = resources.get(0);
      assertTrue(first.path("id").asText().startsWith("sesrsc_"), first.toString());
      assertEquals("file", first.path("type").asText());
      assertNotEquals(plain, first.path("file_id").asText(), "the session has its own copy");
      assertTrue(
          first.path("mount_path").asText().startsWith("/mnt/session/uploads/file_"),
          first.toString());
      assertEquals(
          "/mnt/session/uploads/data/deep/b.txt", resources.get(1).path("mount_path").asText());
    }
  }

  @Test
  void a_file_can_be_added_and_removed_while_the_session_lives() throws Exception {
    String added = upload("late.txt", "text/plain", "late content");
    String path = "/mnt/session/uploads/late.txt";
    Script script =
        Script.of(
            Reply.bash("ls " + path),
            Reply.text("none"),
            Reply.bash("cat " + path),
            Reply.text("there"),
            Reply.bash("ls " + path),
            Reply.text("gone"));
    try (OpenSession session = stage.session(script)) {
      session.turn("One");
      BetaManagedAgentsFileResource resource =
          stage
              .sdk()
              .beta()
              .sessions()
              .resources()
              .add(
                  ResourceAddParams.builder()
                      .sessionId(session.id())
                      .betaManagedAgentsFileResourceParams(mounted(added, path))
                      .build())
              .validate();
      session.turn("Two");
      JsonNode read =
          Stage.json(
              stage
                  .sdk()
                  .beta()
                  .sessions()
                  .resources()
                  .retrieve(
                      resource.id(),
                      com.anthropic.models.beta.sessions.resources.ResourceRetrieveParams.builder()
                          .sessionId(session.id())
                          .build()));
      Answer listed = stage.api().get("/v1/sessions/" + session.id() + "/resources");
      JsonNode deleted =
          Stage.json(
              stage
                  .sdk()
                  .beta()
                  .sessions()
                  .resources()
                  .delete(
                      resource.id(), ResourceDeleteParams.builder().sessionId(session.id()).build())
                  .validate());
      session.turn("Three");

      assertEquals(path, resource.mountPath());
      assertEquals(Stage.json(resource), read);
      assertEquals(1, listed.body().path("data").size(), listed.text());
      assertEquals("session_resource_deleted", deleted.path("type").asText());
      List<ToolOutcome> results = results(script);
      assertTrue(results.get(0).isError(), results.toString());
      assertEquals("late content", results.get(1).text().strip(), session::describe);
      assertTrue(results.get(2).isError(), "it is gone: " + results);
      assertEquals(0, session.get().path("resources").size());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/mnt/session/uploads/../../../etc/passwd",
        "/mnt/session/uploads/..",
        "/mnt/session/uploads/a/../../outputs/b",
        "/mnt/session/uploads",
        "/mnt/session/uploads/",
        "/mnt/session/uploadsfoo/x",
        "/mnt/session/outputs/x",
        "/mnt/session/uploads/a\\u0000b",
        "/mnt/session/uploads/a\\nb",
        "../x",
        "",
      })
  void a_mount_path_outside_of_the_uploads_is_refused_and_nothing_is_mounted(String path)
      throws Exception {
    String file = upload("a.txt", "text/plain", "x");
    String session = stage.createSession(stage.plainAgentId());
    String resource =
        "{\"type\":\"file\",\"file_id\":\"%s\",\"mount_path\":\"%s\"}".formatted(file, path);

    Answer added = stage.api().post("/v1/sessions/" + session + "/resources", resource);
    Answer created = create("[" + resource + "]");

    for (Answer refused : List.of(added, created)) {
      assertEquals(400, refused.status(), path + " -> " + refused);
      assertTrue(refused.errorMessage().contains("mount_path"), refused.text());
    }
    assertEquals(
        0, stage.api().get("/v1/sessions/" + session + "/resources").body().path("data").size());
  }

  @Test
  void a_mount_path_is_rooted_below_the_uploads() throws Exception {
    String file = upload("a.txt", "text/plain", "rooted");
    Script script = Script.of(Reply.bash("cat /mnt/session/uploads/data/r.txt"), Reply.text("ok"));
    try (OpenSession session =
        stage.session(
            SessionCreateParams.builder()
                .agent(stage.toolAgentId())
                .addResource(mounted(file, "/data/r.txt")),
            script)) {
      session.turn("Look");

      assertEquals("rooted", results(script).getFirst().text().strip(), session::describe);
      assertEquals("/data/r.txt", session.get().at("/resources/0/mount_path").asText());
    }
  }

  @Test
  void two_files_on_one_path_or_below_each_other_are_refused() throws Exception {
    String file = upload("a.txt", "text/plain", "x");
    String form = "{\"type\":\"file\",\"file_id\":\"%s\",\"mount_path\":\"%s\"}";
    String one = form.formatted(file, "/mnt/session/uploads/one");

    Answer twice = create("[" + one + "," + one + "]");
    Answer below =
        create("[" + one + "," + form.formatted(file, "/mnt/session/uploads/one/b") + "]");

    for (Answer refused : List.of(twice, below)) {
      assertEquals(400, refused.status(), refused.text());
      assertTrue(refused.errorMessage().contains("mount_path"), refused.text());
    }
  }

  @Test
  void an_unknown_file_and_more_than_500_are_refused() throws Exception {
    String file = upload("a.txt", "text/plain", "x");
    StringBuilder many = new StringBuilder("[");
    for (int i = 0; i <= 500; i++) {
      many.append(i == 0 ? "" : ",")
          .append(
              "{\"type\":\"file\",\"file_id\":\"%s\",\"mount_path\":\"/mnt/session/uploads/%d\"}"
                  .formatted(file, i));
    }

    Answer unknown = create("[{\"type\":\"file\",\"file_id\":\"file_01unknown\"}]");
    Answer tooMany = create(many + "]");

    assertTrue(List.of(400, 404).contains(unknown.status()), unknown.text());
    assertTrue(unknown.errorMessage().contains("file_01unknown"), unknown.text());
    assertEquals(400, tooMany.status(), tooMany.text());
    assertTrue(tooMany.errorMessage().contains("500"), tooMany.text());
  }

  @Test
  void a_session_keeps_its_copy_when_the_upload_is_deleted() throws Exception {
    String file = upload("a.txt", "text/plain", "kept");
    Script script = Script.of(Reply.bash("cat /mnt/session/uploads/k"), Reply.text("ok"));
    try (OpenSession session =
        stage.session(
            SessionCreateParams.builder()
                .agent(stage.toolAgentId())
                .addResource(mounted(file, "/mnt/session/uploads/k")),
            script)) {
      stage.sdk().beta().files().delete(file);
      session.turn("Look");

      assertEquals("kept", results(script).getFirst().text().strip(), session::describe);
    }
  }

  @Test
  void what_the_agent_leaves_in_outputs_becomes_a_file_of_the_session() throws Exception {
    Script script =
        Script.of(
            Reply.bash(
                "mkdir -p /mnt/session/outputs/deep; printf 'a,b\\n' > /mnt/session/outputs/t.csv;"
                    + "printf deep > /mnt/session/outputs/deep/d.txt"),
            Reply.text("ok"),
            Reply.bash("printf 'c,d\\n' > /mnt/session/outputs/t.csv"),
            Reply.text("ok"));
    try (OpenSession session = stage.session(script)) {
      session.send("Write");
      session.await("agent.tool_result");
      long writtenNanos = System.nanoTime();
      Patience.until(OUTPUT_WITHIN, session::describe, () -> outputs(session).size() == 2);
      System.out.printf(
          "outputs are listed %.2f s after their call%n", (System.nanoTime() - writtenNanos) / 1e9);
      session.awaitIdle();

      BetaFileMetadata file = output(session, "t.csv");
      file.validate();
      assertEquals(true, file.downloadable().orElseThrow());
      assertEquals(session.id(), file.scope().orElseThrow().id());
      assertEquals(4, file.sizeBytes());
      assertEquals("a,b\n", download(file.id()));
      assertEquals("deep", download(output(session, "d.txt").id()));

      session.turn("Write again");
      Patience.until(
          OUTPUT_WITHIN,
          session::describe,
          () -> download(output(session, "t.csv").id()).equals("c,d\n"));
      assertEquals(2, outputs(session).size(), "a file written again replaces what it was");
      String id = output(session, "t.csv").id();
      stage.sdk().beta().sessions().delete(session.id());
      assertThrows(NotFoundException.class, () -> stage.sdk().beta().files().retrieveMetadata(id));
    }
  }

  @Test
  void a_link_or_a_pipe_in_outputs_is_not_published() throws Exception {
    Script script =
        Script.of(
            Reply.bash(
                "cd /mnt/session/outputs; ln -s /etc/passwd link.txt; ln -s / root; mkfifo pipe; "
                    + "mkdir d; ln -s ../../../../../../etc d/up; printf ok > honest.txt"),
            Reply.text("ok"));
    try (OpenSession session = stage.session(script)) {
      session.turn("Write");
      Patience.until(OUTPUT_WITHIN, session::describe, () -> !outputs(session).isEmpty());

      assertEquals(
          List.of("honest.txt"),
          outputs(session).stream().map(BetaFileMetadata::filename).toList());
    }
  }

  @Test
  void an_output_can_be_mounted_in_another_session() throws Exception {
    Script writer =
        Script.of(Reply.bash("printf handed > /mnt/session/outputs/h.txt"), Reply.text("ok"));
    Script reader = Script.of(Reply.bash("cat /mnt/session/uploads/h.txt"), Reply.text("ok"));
    try (OpenSession first = stage.session(writer)) {
      first.turn("Write");
      Patience.until(OUTPUT_WITHIN, first::describe, () -> !outputs(first).isEmpty());
      String file = output(first, "h.txt").id();
      try (OpenSession second =
          stage.session(
              SessionCreateParams.builder()
                  .agent(stage.toolAgentId())
                  .addResource(mounted(file, "/mnt/session/uploads/h.txt")),
              reader)) {
        second.turn("Read");

        assertEquals("handed", results(reader).getFirst().text().strip(), second::describe);
      }
    }
  }

  @Test
  void files_named_in_a_message_reach_the_model_as_their_content() throws Exception {
    String image = upload("dot.png", "image/png", "not really a picture");
    String pdf = upload("doc.pdf", "application/pdf", "%PDF-1.4 not really");
    String text = upload("doc.txt", "text/plain", "the text of the document");
    Script script = Script.of(Reply.text("seen"));
    try (OpenSession session = stage.plainSession(script)) {
      session.send(
          EventSendParams.builder()
              .sessionId(session.id())
              .addEvent(
                  BetaManagedAgentsUserMessageEventParams.builder()
                      .addTextContent(script.marked("Look"))
                      .addFileImageContent(image)
                      .addFileDocumentContent(pdf)
                      .addFileDocumentContent(text)
                      .build())
              .build());
      session.awaitIdle();

      ModelRequest request = script.requests().getFirst();
      JsonNode content = request.body().at("/messages/0/content");
      assertEquals("image/png", content.at("/1/source/media_type").asText(), content.toString());
      assertEquals("not really a picture", decoded(content.at("/1/source/data")));
      assertEquals("application/pdf", content.at("/2/source/media_type").asText());
      assertEquals("%PDF-1.4 not really", decoded(content.at("/2/source/data")));
      assertEquals("text", content.at("/3/source/type").asText(), content.toString());
      assertEquals("the text of the document", content.at("/3/source/data").asText());
      JsonNode echo = session.listed("user.message").getFirst();
      assertEquals(image, echo.at("/content/1/source/file_id").asText(), echo.toString());
    }
  }

  @Test
  void a_message_with_a_file_that_is_not_there_or_of_a_wrong_kind_is_refused() throws Exception {
    String zip = upload("a.zip", "application/zip", "PK");
    String session = stage.createSession(stage.plainAgentId());
    String form =
        """
        {"events":[{"type":"user.message","content":[
          {"type":"%s","source":{"type":"file","file_id":"%s"}}]}]}
        """;

    for (String body :
        List.of(
            form.formatted("image", "file_01unknown"),
            form.formatted("document", "file_01unknown"),
            form.formatted("image", zip),
            form.formatted("document", zip))) {
      Answer refused = stage.api().post("/v1/sessions/" + session + "/events", body);
      assertTrue(List.of(400, 404).contains(refused.status()), body + refused);
      assertTrue(refused.errorMessage().contains("file_"), refused.text());
    }
    assertEquals(
        0, stage.api().get("/v1/sessions/" + session + "/events").body().path("data").size());
  }

  @Test
  void a_repository_is_not_added_later_and_only_repositories_are_updated() throws Exception {
    String file = upload("a.txt", "text/plain", "x");
    String session = stage.createSession(stage.plainAgentId());
    String resources = "/v1/sessions/" + session + "/resources";
    Answer added = stage.api().post(resources, "{\"type\":\"file\",\"file_id\":\"" + file + "\"}");

    Answer updated =
        stage.api().post(resources + "/" + added.id(), "{\"authorization_token\":\"x\"}");
    Answer unknown = stage.api().get(resources + "/sesrsc_01unknown");
    Answer wrongType = stage.api().post(resources, "{\"type\":\"hammer\"}");

    assertEquals(200, added.status(), added.text());
    assertEquals(400, updated.status(), updated.text());
    assertEquals(404, unknown.status(), unknown.text());
    assertEquals(400, wrongType.status(), wrongType.text());
    assertFalse(stage.api().get(resources).body().path("data").isEmpty());
  }

  private Answer create(String resources) throws Exception {
    return stage
        .api()
        .post(
            "/v1/sessions",
            "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"resources\":%s}"
                .formatted(stage.plainAgentId(), stage.environmentId(), resources));
  }

  private String upload(String name, String mediaType, String text) {
    return stage
        .sdk()
        .beta()
        .files()
        .upload(FileUploadParams.builder().file(FilesIT.content(name, mediaType, text)).build())
        .id();
  }

  private static BetaManagedAgentsFileResourceParams mounted(String file, String path) {
    return BetaManagedAgentsFileResourceParams.builder()
        .type(com.anthropic.core.JsonValue.from("file"))
        .fileId(file)
        .mountPath(path)
        .build();
  }

  private List<BetaFileMetadata> outputs(OpenSession session) {
    List<BetaFileMetadata> files = new ArrayList<>();
    stage
        .sdk()
        .beta()
        .files()
        .list(FileListParams.builder().scopeId(session.id()).build())
        .autoPager()
        .forEach(file -> {
          if (file.downloadable().orElse(false)) {
            files.add(file);
          }
        });
    return files;
  }

  private BetaFileMetadata output(OpenSession session, String name) {
    return outputs(session).stream()
        .filter(file -> file.filename().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no output " + name + session.describe()));
  }

  private String download(String id) throws Exception {
    try (com.anthropic.core.http.HttpResponse response = stage.sdk().beta().files().download(id)) {
      return new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String decoded(JsonNode data) {
    return new String(Base64.getDecoder().decode(data.asText()), StandardCharsets.UTF_8);
  }

  private static List<ToolOutcome> results(Script script) {
    return script.requests().stream().map(ModelRequest::toolResults).flatMap(List::stream).toList();
  }
}
