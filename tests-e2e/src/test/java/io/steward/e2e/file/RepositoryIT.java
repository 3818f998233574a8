package io.steward.e2e.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.JsonValue;
import com.anthropic.models.beta.sessions.BetaManagedAgentsGitHubRepositoryResourceParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Leaks;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Repositories in a session, from a git host of the test (contract, core §6.4; events §6.4).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepositoryIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  private final String token = "ghp_canary" + UUID.randomUUID().toString().replace("-", "");
  private @Nullable GitServer git;
  private @Nullable Stage stage;

  @BeforeAll
  void setStage() throws Exception {
    Path directory = Steward.target().resolve("stage").resolve("git-" + UUID.randomUUID());
    git = GitServer.start(Files.createDirectories(directory), token);
    stage =
        Stage.set(
            "repository",
            Map.of(
                "STEWARD_GIT_HOSTS",
                git().host(),
                "STEWARD_GIT_CA",
                git().certificate().toString()));
  }

  @AfterAll
  void closeStage() throws Exception {
    try {
      stage().close();
    } finally {
      git().close();
    }
  }

  @Test
  void a_repository_is_there_before_the_first_call_and_its_token_is_nowhere() throws Exception {
    Script script =
        Script.of(
            Reply.bash(
                "cd /workspace/tool && git log --format=%s && cat first.txt && git status -s"),
            Reply.bash(
                "cat /workspace/tool/.git/config; env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline"
                    + " 2>/dev/null | tr '\\0' '\\n'; grep -rl '"
                    + token.substring(0, 20)
                    + "' /workspace /tmp /mnt ~ 2>/dev/null; git -C /workspace/tool remote -v"),
            Reply.bash("cd /workspace/tool && echo mine > mine.txt && ls"),
            Reply.text("ok"));
    try (OpenSession session = stage().session(with(repository("acme/tool", token)), script)) {
      session.send("Look");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      List<ToolOutcome> results = results(script);
      String log = results.get(0).text();
      assertTrue(log.startsWith("second\nfirst\n" + GitServer.FILE_TEXT), session::describe);
      assertFalse(results.get(1).text().contains(token.substring(5)), results.get(1).text());
      assertTrue(results.get(1).text().contains(git().url("acme/tool")), results.get(1).text());
      assertTrue(results.get(2).text().contains("mine.txt"), results.get(2).text());
      JsonNode resource = session.get().at("/resources/0");
      assertEquals("github_repository", resource.path("type").asText());
      assertEquals(git().url("acme/tool"), resource.path("url").asText());
      assertEquals("/workspace/tool", resource.path("mount_path").asText());
      assertFalse(resource.has("authorization_token"), resource.toString());
      assertEquals(List.of(), session.listed("session.error"));
    }
    assertNowhere();
  }

  @Test
  void a_branch_or_a_commit_is_checked_out_where_the_resource_says() throws Exception {
    Script script =
        Script.of(
            Reply.bash("cat /workspace/side/here/first.txt; git -C /workspace/side/here branch"),
            Reply.bash("git -C /workspace/old rev-parse HEAD; ls /workspace/old"),
            Reply.text("ok"));
    SessionCreateParams.Builder params =
        SessionCreateParams.builder()
            .agent(stage().toolAgentId())
            .addResource(
                repository("acme/tool", token)
                    .branchCheckout("side")
                    .mountPath("/workspace/side/here")
                    .build())
            .addResource(
                repository("acme/tool", token)
                    .commitCheckout(git().firstCommit())
                    .mountPath("/workspace/old")
                    .build());
    try (OpenSession session = stage().session(params, script)) {
      session.send("Look");
      session.awaitIdle(LONG);

      List<ToolOutcome> results = results(script);
      assertTrue(results.get(0).text().contains(GitServer.BRANCH_TEXT), session::describe);
      assertTrue(results.get(0).text().contains("side"), session::describe);
      assertTrue(results.get(1).text().contains(git().firstCommit()), session::describe);
      assertFalse(results.get(1).text().contains("second.txt"), session::describe);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "acme/tool,wrong-token,,repository_authentication_error",
    "acme/tool,,,repository_authentication_error",
    "acme/closed,right,,repository_forbidden_error",
    "acme/nothing,right,,repository_not_found_error",
    "acme/tool,right,no-such-branch,repository_checkout_error",
  })
  void a_repository_that_cannot_be_had_is_said_and_the_session_goes_on_without_it(
      String name, @Nullable String sent, @Nullable String branch, String error) throws Exception {
    Script script = Script.of(Reply.bash("ls /workspace"), Reply.text("without"));
    BetaManagedAgentsGitHubRepositoryResourceParams.Builder repository =
        repository(name, "right".equals(sent) ? token : sent);
    if (branch != null) {
      repository.branchCheckout(branch);
    }
    try (OpenSession session = stage().session(with(repository), script)) {
      session.send("Look");
      JsonNode idle = session.awaitIdle(LONG);

      assertEquals("end_turn", idle.at("/stop_reason/type").asText(), session::describe);
      JsonNode detail = session.listed("session.error").getFirst().path("error");
      assertEquals(error, detail.path("type").asText(), session::describe);
      assertEquals("retrying", detail.at("/retry_status/type").asText());
      assertEquals(git().url(name), detail.path("repository_url").asText());
      assertFalse(detail.toString().contains(token), detail.toString());
      assertFalse(results(script).getFirst().text().contains("tool"), session::describe);
    }
  }

  @Test
  void a_token_can_be_replaced_and_the_next_turn_has_the_repository() throws Exception {
    Script script =
        Script.of(Reply.text("without"), Reply.bash("ls /workspace/tool"), Reply.text("ok"));
    try (OpenSession session = stage().session(with(repository("acme/tool", "old")), script)) {
      session.send("One");
      session.awaitIdle(LONG);
      String resource = session.get().at("/resources/0/id").asText();
      Answer updated =
          stage()
              .api()
              .post(
                  "/v1/sessions/" + session.id() + "/resources/" + resource,
                  "{\"authorization_token\":\"" + token + "\"}");
      session.send("Two");
      session.awaitIdle(LONG);

      assertEquals(200, updated.status(), updated.text());
      assertFalse(updated.text().contains(token));
      assertTrue(results(script).getFirst().text().contains("first.txt"), session::describe);
      Answer deleted =
          stage().api().delete("/v1/sessions/" + session.id() + "/resources/" + resource);
      assertEquals(400, deleted.status(), deleted.text());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://HOST/acme/tool",
        "ssh://git@HOST/acme/tool",
        "git@HOST:acme/tool.git",
        "https://HOST/acme/tool.git",
        "https://HOST/acme",
        "https://HOST/acme/tool/more",
        "https://HOST/acme/tool?x=1",
        "https://HOST/acme/tool#x",
        "https://user:secret@HOST/acme/tool",
        "https://example.com/acme/tool",
        "https://HOST.example.com/acme/tool",
        "https://HOST/acme/..",
        "file:///etc",
        "",
      })
  void a_url_of_another_form_or_host_is_refused(String url) throws Exception {
    Answer refused =
        create(
            "{\"type\":\"github_repository\",\"url\":\"%s\"}"
                .formatted(url.replace("HOST", git().host())));

    assertEquals(400, refused.status(), url + " -> " + refused);
    assertTrue(refused.errorMessage().contains("url"), refused.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'mount_path':'/etc/x'",
        "'mount_path':'/workspace/../etc'",
        "'mount_path':'/workspace'",
        "'mount_path':'/mnt/session/uploads/x'",
        "'authorization_token':''",
        "'authorization_token':'a b'",
        "'checkout':{'type':'tag','name':'x'}",
        "'checkout':{'type':'branch','name':''}",
        "'checkout':{'type':'branch','name':'--upload-pack=x'}",
        "'checkout':{'type':'commit','sha':'abc'}",
      })
  void a_bad_repository_is_refused_by_name(String field) throws Exception {
    Answer refused =
        create(
            "{\"type\":\"github_repository\",\"url\":\"%s\",%s}"
                .formatted(git().url("acme/tool"), field.replace('\'', '"')));

    assertEquals(400, refused.status(), field + " -> " + refused);
    assertTrue(
        refused.errorMessage().contains(field.substring(1, field.indexOf('\'', 1))),
        refused.text());
  }

  /// Not in a topic, a log, a file of the data directory, or the command line of a process.
  private void assertNowhere() throws Exception {
    Steward steward = stage().steward();
    Leaks leaks = new Leaks(List.of(token));
    assertEquals(List.of(), leaks.inTopics(steward, KafkaRecords.topics(steward)).leaks());
    assertEquals(List.of(), leaks.inFiles(steward.home()).leaks());
    assertEquals(List.of(), Processes.mentioning(token));
  }

  private Answer create(String resource) throws Exception {
    return stage()
        .api()
        .post(
            "/v1/sessions",
            "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"resources\":[%s]}"
                .formatted(stage().plainAgentId(), stage().environmentId(), resource));
  }

  private SessionCreateParams.Builder with(
      BetaManagedAgentsGitHubRepositoryResourceParams.Builder repository) {
    return SessionCreateParams.builder()
        .agent(stage().toolAgentId())
        .addResource(repository.build());
  }

  private BetaManagedAgentsGitHubRepositoryResourceParams.Builder repository(
      String name, @Nullable String sent) {
    BetaManagedAgentsGitHubRepositoryResourceParams.Builder repository =
        BetaManagedAgentsGitHubRepositoryResourceParams.builder()
            .type(JsonValue.from("github_repository"))
            .url(git().url(name));
    return sent == null ? repository : repository.authorizationToken(sent);
  }

  private static List<ToolOutcome> results(Script script) {
    return script.requests().stream().flatMap(request -> request.toolResults().stream()).toList();
  }

  private Stage stage() {
    if (stage == null) {
      throw new IllegalStateException("no stage");
    }
    return stage;
  }

  private GitServer git() {
    if (git == null) {
      throw new IllegalStateException("no git server");
    }
    return git;
  }
}
