package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.file.GitServer;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Leaks;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.ServerTls;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import io.steward.e2e.vault.OauthServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// One session uses a secret of every kind, each against a server that takes nothing else; then
/// everything Steward wrote, said and holds is searched for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CanaryIT {
  /// Not in `NO_PROXY` of sandboxes, as 127.0.0.1 is.
  private static final String HOST = "127.0.0.2";

  private static final String OTHER_HOST = "127.0.0.3";
  private static final Duration LONG = Duration.ofMinutes(2);

  /// In clear everywhere: shows that what is searched is really there.
  private final String control = "control-" + UUID.randomUUID();

  private final PlantedVault planted = new PlantedVault(HOST);
  private @Nullable Things things;
  private @Nullable OpenSession session;

  /// What the session works with.
  private record Things(
      Stage stage,
      EchoServer plain,
      EchoServer secure,
      EchoServer other,
      GitServer git,
      TrackerServer tracker,
      EverythingServer everything,
      BearerGate guarded,
      OauthServer oauth,
      String vault) {}

  @BeforeAll
  void setUp() throws Exception {
    Path directory =
        Files.createDirectories(Steward.target().resolve("stage").resolve("canary-servers"));
    ServerTls tls =
        ServerTls.create(
            directory.resolve(UUID.randomUUID().toString()), "ip:127.0.0.2,ip:127.0.0.3");
    Path gitDirectory = Files.createDirectories(directory.resolve(UUID.randomUUID().toString()));
    GitServer git = GitServer.start(gitDirectory, HOST, secret("repository token"));
    EchoServer plain = EchoServer.http(HOST);
    EchoServer secure = EchoServer.https(HOST, tls);
    EchoServer other = EchoServer.https(OTHER_HOST, tls);
    Path authorities = directory.resolve("authorities.pem");
    Files.writeString(
        authorities, Files.readString(tls.certificate()) + Files.readString(git.certificate()));
    String ports =
        plain.port() + "," + secure.port() + "," + other.port() + "," + git.host().split(":")[1];
    Stage stage =
        Stage.set(
            "canary",
            Map.of(
                "STEWARD_GIT_HOSTS", git.host(),
                "STEWARD_GIT_CA", git.certificate().toString(),
                "STEWARD_EGRESS_CA", authorities.toString(),
                "STEWARD_EGRESS_PORTS", ports,
                "STEWARD_EGRESS_ALLOWED_ADDRESSES", "127.0.0.1/32,127.0.0.2/31"));
    planted.add("key of the model", stage.modelKey());
    TrackerServer tracker = TrackerServer.start();
    tracker.requireToken(secret("static bearer token"));
    OauthServer oauth = OauthServer.start("canary" + UUID.randomUUID());
    EverythingServer everything = EverythingServer.start();
    BearerGate guarded = BearerGate.start(everything.url(), () -> oauth.accessToken(1));
    things =
        new Things(
            stage,
            plain,
            secure,
            other,
            git,
            tracker,
            everything,
            guarded,
            oauth,
            planted.make(stage, tracker.url(), guarded.url(), oauth));
  }

  @AfterAll
  void tearDown() throws Exception {
    if (session != null) {
      session.close();
    }
    Things all = things();
    try {
      all.stage().close();
    } finally {
      List.of(all.plain(), all.secure(), all.other()).forEach(EchoServer::close);
      all.git().close();
      all.tracker().close();
      all.guarded().close();
      all.everything().close();
      all.oauth().close();
    }
  }

  private String secret(String name) {
    return planted.secret(name);
  }

  private String createSession() throws Exception {
    Stage stage = things().stage();
    Answer agent =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"canary","model":"%s",
                 "mcp_servers":[{"type":"url","name":"tracker","url":"%s"},
                                {"type":"url","name":"guarded","url":"%s"}],
                 "tools":[{"type":"mcp_toolset","mcp_server_name":"tracker"%s},
                          {"type":"mcp_toolset","mcp_server_name":"guarded"%s},
                          {"type":"agent_toolset_20260401"}]}
                """
                    .formatted(
                        Stage.MODEL,
                        things().tracker().url(),
                        things().guarded().url(),
                        Setting.ALLOWED,
                        Setting.ALLOWED));
    assertEquals(200, agent.status(), agent.text());
    Answer environment =
        stage
            .api()
            .post(
                "/v1/environments",
                """
                {"name":"canary %s","config":{"type":"cloud","networking":{"type":"limited",
                 "allowed_hosts":["%s","%s"],"allow_mcp_servers":true}}}
                """
                    .formatted(UUID.randomUUID(), HOST, OTHER_HOST));
    assertEquals(200, environment.status(), environment.text());
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                """
                {"agent":"%s","environment_id":"%s","vault_ids":["%s"],
                 "resources":[{"type":"github_repository","url":"%s","authorization_token":"%s"}]}
                """
                    .formatted(
                        agent.id(),
                        environment.id(),
                        things().vault(),
                        things().git().url("acme/tool"),
                        secret("repository token")));
    assertEquals(200, created.status(), created.text());
    return created.id();
  }

  private Script script() {
    Things with = things();
    String curl = "curl -sS --max-time 20 ";
    return Script.of(
        Reply.message(
            Block.ToolUse.of("mcp__tracker__search", "{\"about\":\"" + control + "\"}"),
            Block.ToolUse.of("mcp__guarded__echo", "{\"message\":\"over there\"}")),
        Reply.bash(
            curl + "-H \"Authorization: Bearer $HEADER_TOKEN\" " + with.plain().url("/bearer")),
        Reply.bash(curl + "-H \"X-Token: $HEADER_TOKEN\" " + with.secure().url("/header")),
        Reply.bash(curl + "-d \"{\\\"key\\\":\\\"$BODY_TOKEN\\\"}\" " + with.secure().url("/body")),
        Reply.bash(curl + "-u \"agent:$BASIC_PASSWORD\" " + with.secure().url("/basic")),
        Reply.bash(curl + "-H \"X-Token: $OPEN_TOKEN\" " + with.other().url("/open")),
        Reply.bash(
            curl
                + "-H \"X-Token: $HEADER_TOKEN\" -H \"X-Body: $BODY_TOKEN\" "
                + with.other().url("/elsewhere")
                + "; "
                + curl
                + "-H \"X-Body: $BODY_TOKEN\" "
                + with.secure().url("/wrong-place")),
        Reply.bash(
            curl
                + "--aws-sigv4 aws:amz:eu-central-1:s3"
                + " --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" "
                + with.secure().url("/bucket/key")),
        Reply.bash(curl + "-H \"X-Signature: $HOOK_KEY\" -d payload " + with.secure().url("/hook")),
        Reply.bash(
            "cd /workspace/tool && git config user.email a@example.com && git config user.name a"
                + " && echo mine > pushed.txt && git add . && git commit -qm pushed"
                + " && git push -q origin HEAD:refs/heads/pushed && git fetch -q && echo was pushed"),
        Reply.bash("env; set; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null"),
        Reply.text("done"),
        Reply.bash(curl + "-H \"X-Token: $HEADER_TOKEN\" " + with.secure().url("/rotated")),
        Reply.text("done"),
        Reply.bash(
            "for i in $(seq 60); do "
                + curl
                + "-f -H \"X-Token: $HEADER_TOKEN\" "
                + with.secure().url("/again")
                + " && break; sleep 0.5; done"),
        Reply.text("done"));
  }

  @Test
  @Order(1)
  void every_server_got_the_secret_it_wants() throws Exception {
    Things with = things();
    Script script = script();
    with.stage().model().play(script);
    OpenSession opened = OpenSession.attach(with.stage(), createSession(), script);
    session = opened;
    opened.send("Use them all");
    JsonNode idle = opened.awaitIdle(LONG);

    assertEquals("end_turn", idle.at("/stop_reason/type").asText(), opened::describe);
    assertEquals(List.of("search " + control), with.tracker().called(), opened::describe);
    assertTrue(with.guarded().admitted() > 0, opened::describe);
    assertTrue(
        opened.listed("agent.mcp_tool_result").toString().contains("over there"), opened::describe);
    assertEquals(1, with.oauth().grants());
    assertEquals(
        "Bearer " + secret("HEADER_TOKEN"),
        with.plain().received("/bearer").header("authorization"));
    EchoServer secure = with.secure();
    assertEquals(secret("HEADER_TOKEN"), secure.received("/header").header("x-token"));
    assertEquals("{\"key\":\"" + secret("BODY_TOKEN") + "\"}", secure.received("/body").body());
    assertTrue(
        new Leaks(List.of(secret("BASIC_PASSWORD")))
            .in(secure.received("/basic").header("authorization")),
        opened::describe);
    assertEquals(secret("OPEN_TOKEN"), with.other().received("/open").header("x-token"));
    EchoServer.Received signed = secure.received("/bucket/key");
    assertTrue(AwsSignature.isValid(signed, PlantedVault.KEY_ID, secret("AWS")), signed.toString());
    byte[] key = secret("HOOK_KEY").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertEquals(
        "sha256=" + HexFormat.of().formatHex(AwsSignature.hmac(key, "payload")),
        secure.received("/hook").header("x-signature"));
    assertEquals("pushed", with.git().ask("log", "-1", "--format=%s", "pushed").strip());
  }

  /// What the agent read is what it would have read without secrets: the servers repeat what they
  /// were sent.
  @Test
  @Order(2)
  void elsewhere_and_in_answers_there_are_placeholders() {
    List<ToolOutcome> results =
        session().script().requests().stream()
            .flatMap(request -> request.toolResults().stream())
            .toList();
    EchoServer.Received elsewhere = things().other().received("/elsewhere");

    assertTrue(
        elsewhere.header("x-token").startsWith("steward_placeholder_"), elsewhere.toString());
    assertTrue(elsewhere.header("x-body").startsWith("steward_placeholder_"), elsewhere.toString());
    assertTrue(
        things()
            .secure()
            .received("/wrong-place")
            .header("x-body")
            .startsWith("steward_placeholder_"));
    for (ToolOutcome result : results) {
      assertFalse(new Leaks(planted.secrets()).in(result.text()), result.text());
    }
    assertTrue(
        results.get(3).text().contains("x-token=steward_placeholder_"), results.get(3).text());
  }

  @Test
  @Order(3)
  void a_rotated_secret_is_used_by_the_next_request() throws Exception {
    Things with = things();
    String credential = "";
    for (JsonNode candidate :
        with.stage()
            .api()
            .get("/v1/vaults/" + with.vault() + "/credentials?limit=20")
            .body()
            .path("data")) {
      if (candidate.at("/auth/secret_name").asText().equals("HEADER_TOKEN")) {
        credential = candidate.path("id").asText();
      }
    }
    String rotated = secret("rotated HEADER_TOKEN");
    Answer updated =
        with.stage()
            .api()
            .post(
                "/v1/vaults/" + with.vault() + "/credentials/" + credential,
                "{\"auth\":{\"type\":\"environment_variable\",\"secret_value\":\""
                    + rotated
                    + "\"}}");
    session().turn("Once more");

    assertEquals(200, updated.status(), updated.text());
    assertEquals(
        rotated, with.secure().received("/rotated").header("x-token"), session()::describe);
  }

  @Test
  @Order(4)
  void a_killed_vault_proxy_comes_back_and_the_sandbox_goes_on() throws Exception {
    Steward steward = things().stage().steward();
    long old = steward.pid("vault-proxy");
    Processes.kill(old);
    session().send("Again");
    session().awaitIdle(LONG);

    Patience.until(
        LONG, () -> "another vault-proxy", () -> steward.hasRestarted("vault-proxy", old));
    assertEquals(
        secret("rotated HEADER_TOKEN"),
        things().secure().received("/again").header("x-token"),
        session()::describe);
  }

  @Test
  @Order(5)
  void every_use_is_in_the_audit() throws Exception {
    Things with = things();
    String uses = with.stage().api().get("/v1/vaults/" + with.vault() + "/audit?limit=100").text();

    for (JsonNode credential :
        with.stage()
            .api()
            .get("/v1/vaults/" + with.vault() + "/credentials?limit=20")
            .body()
            .path("data")) {
      assertTrue(uses.contains(credential.path("id").asText()), () -> credential + " in " + uses);
    }
    assertTrue(uses.contains(session().id()), uses);
  }

  /// Runs last.
  @Test
  @Order(6)
  void no_secret_is_anywhere() throws Exception {
    Steward steward = things().stage().steward();
    assertTrue(planted.secrets().size() >= 12, planted.secrets().toString());
    Leaks leaks = new Leaks(planted.secrets());
    Leaks.Found records = leaks.inTopics(steward, KafkaRecords.topics(steward));
    Leaks.Found files = leaks.inFiles(steward.home());
    Leaks.Found processes = leaks.inProcessesBelow(steward.pid("sandbox"));
    String answers = answers();

    assertEquals(List.of(), records.leaks());
    assertEquals(List.of(), files.leaks());
    assertEquals(List.of(), processes.leaks());
    assertFalse(leaks.in(answers), answers);
    assertTrue(processes.looked() > 2, processes.looked() + " processes of sandboxes");
    Leaks controls = new Leaks(List.of(control));
    assertFalse(controls.inTopics(steward, KafkaRecords.topics(steward)).leaks().isEmpty());
    assertFalse(controls.inFiles(steward.home()).leaks().isEmpty());
    assertTrue(controls.in(answers));
  }

  /// What the API says of everything there is.
  private String answers() throws Exception {
    StringBuilder all = new StringBuilder();
    String vault = "/v1/vaults/" + things().vault();
    String mine = "/v1/sessions/" + session().id();
    for (String path :
        List.of(
            "/v1/agents",
            "/v1/environments",
            "/v1/vaults",
            vault,
            vault + "/credentials?limit=20",
            vault + "/audit?limit=100",
            "/v1/sessions",
            mine,
            mine + "/events?limit=1000",
            mine + "/resources",
            "/v1/files?scope_id=" + session().id())) {
      all.append(things().stage().api().get(path).text()).append('\n');
    }
    session().seen().forEach(event -> all.append(event).append('\n'));
    return all.toString();
  }

  private OpenSession session() {
    if (session == null) {
      throw new IllegalStateException("no session");
    }
    return session;
  }

  private Things things() {
    if (things == null) {
      throw new IllegalStateException("not set up");
    }
    return things;
  }
}
