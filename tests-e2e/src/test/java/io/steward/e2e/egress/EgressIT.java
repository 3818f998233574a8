package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The way out of a sandbox, tried from inside (contract, core §3.2).
@ExtendWith(StageExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EgressIT {
  /// Also for addresses that programs would otherwise reach without the proxy.
  private static final String CURL =
      "curl -sS --max-time 20 --noproxy '' -x http://127.0.0.1:3128 -w ' [%{http_code}]\\n' ";

  private final Stage stage;
  private final EchoServer server = EchoServer.http("127.0.0.1");

  EgressIT(Stage stage) throws Exception {
    this.stage = stage;
  }

  @AfterAll
  void close() {
    server.close();
  }

  @Test
  void an_unrestricted_environment_lets_out_to_what_is_public_or_allowed() throws Exception {
    String said = run("", CURL + server.url("/hello"));

    assertTrue(said.contains("you sent"), said);
    assertTrue(said.contains("[200]"), said);
    assertFalse(server.received("/hello").headers().containsKey("proxy-authorization"));
  }

  @Test
  void there_is_no_other_way_out() throws Exception {
    String said =
        run(
            "",
            "curl -sS --max-time 5 --noproxy '*' "
                + server.url("/direct")
                + "; (echo > /dev/tcp/192.0.2.1/80) 2>&1; getent hosts example.com; echo name $?;"
                + " ls /sys/class/net; echo end");

    assertTrue(server.received().stream().noneMatch(r -> r.target().equals("/direct")), said);
    assertTrue(said.contains("Network is unreachable"), said);
    assertTrue(said.contains("name 2"), said);
  }

  /// Loopback, link-local, metadata and private addresses in every way they can be written.
  @Test
  void addresses_that_are_not_public_are_refused_however_they_are_written() throws Exception {
    int port = server.port();
    List<String> urls =
        List.of(
            "http://127.0.0.5:" + port + "/x",
            "http://2130706437:" + port + "/x",
            "http://0177.0.0.5:" + port + "/x",
            "http://0x7f000005:" + port + "/x",
            "http://127.5:" + port + "/x",
            "http://0.0.0.0:" + port + "/x",
            "http://[::1]:" + port + "/x",
            "http://[::ffff:127.0.0.5]:" + port + "/x",
            "http://[::ffff:a9fe:a9fe]/latest/meta-data/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.0.0.1/",
            "http://192.168.0.1/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://100.64.0.1/");
    StringBuilder command = new StringBuilder();
    urls.forEach(url -> command.append(CURL).append("-g --path-as-is '").append(url).append("'\n"));
    String said = run("", command.toString());

    List<String> answers = said.lines().filter(line -> line.contains("[")).toList();
    assertEquals(urls.size(), answers.size(), said);
    for (String answer : answers) {
      assertTrue(answer.endsWith("[403]") || answer.endsWith("[400]"), answer + "\n" + said);
    }
    assertTrue(server.received().stream().noneMatch(r -> r.target().equals("/x")), said);
  }

  @Test
  void a_redirect_leads_nowhere_else() throws Exception {
    String said =
        run("", CURL + "-L " + server.url("/redirect?http://169.254.169.254/latest/meta-data/"));

    assertTrue(said.contains("[403]"), said);
  }

  @Test
  void a_limited_environment_lets_out_to_its_hosts_only_and_says_so() throws Exception {
    String limited =
        "{\"type\":\"cloud\",\"networking\":{\"type\":\"limited\",\"allowed_hosts\":[\"example.com\"]}}";
    String said =
        run(
            limited,
            CURL
                + server.url("/limited")
                + "; "
                + CURL
                + "http://example.com.evil.test/; "
                + CURL
                + "http://user@example.org/; "
                + CURL
                + "http://example.com:8443/; "
                + CURL
                + "https://127.0.0.1:1/");

    assertTrue(said.contains("not one this environment allows"), said);
    assertFalse(said.contains("[200]"), said);
    assertTrue(said.contains("Port 8443 of example.com is not open"), said);
    assertTrue(said.contains("response 403"), said);
    assertTrue(server.received().stream().noneMatch(r -> r.target().equals("/limited")), said);
  }

  @Test
  void requests_that_can_be_read_in_two_ways_are_refused() throws Exception {
    String head = "POST " + server.url("/smuggled") + " HTTP/1.1\\r\\nHost: x\\r\\n";
    String said =
        run(
            "",
            raw(head + "Content-Length: 4\\r\\nContent-Length: 5\\r\\n\\r\\nabcd")
                + raw(
                    head
                        + "Content-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n")
                + raw(head + "Transfer-Encoding : chunked\\r\\n\\r\\n0\\r\\n\\r\\n")
                + raw("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\\r\\n" + head + "\\r\\n"));

    assertEquals(4, said.lines().filter(line -> line.startsWith("HTTP/1.1 400")).count(), said);
    assertTrue(server.received().stream().noneMatch(r -> r.target().equals("/smuggled")), said);
  }

  @Test
  void nobody_can_say_to_be_another_sandbox() throws Exception {
    String said =
        run(
            "",
            CURL + "--proxy-user sandbox:0123456789 " + server.url("/as-another"),
            "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"
                + " | grep -i -E 't[o]ken|pr[o]xy' | sort -u; ls -la /run/steward");

    assertTrue(said.contains("[407]"), said);
    assertFalse(said.toLowerCase(java.util.Locale.ROOT).contains("token"), said);
    assertTrue(server.received().stream().noneMatch(r -> r.target().equals("/as-another")), said);
  }

  /// The first line of what the proxy answers to these bytes.
  private static String raw(String bytes) {
    return "exec 7<>/dev/tcp/127.0.0.1/3128; printf '"
        + bytes
        + "' >&7; timeout 10 head -n 1 <&7; exec 7>&-\n";
  }

  /// What commands say in a sandbox of an environment.
  ///
  /// @param config of the environment; empty for the stage's
  private String run(String config, String... commands) throws Exception {
    String environment = config.isEmpty() ? stage.environmentId() : environment(config);
    Reply[] replies = new Reply[commands.length + 1];
    for (int i = 0; i < commands.length; i++) {
      replies[i] = Reply.bash("{ " + commands[i] + "\n} 2>&1");
    }
    replies[commands.length] = Reply.text("done");
    Script script = Script.of(replies);
    stage.model().play(script);
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"%s\"}"
                    .formatted(stage.toolAgentId(), environment));
    assertEquals(200, created.status(), created.text());
    try (OpenSession session = OpenSession.attach(stage, created.id(), script)) {
      session.turn("Go");
      StringBuilder said = new StringBuilder();
      session
          .listed("agent.tool_result")
          .forEach(result -> said.append(OpenSession.text(result)).append('\n'));
      return said.toString();
    }
  }

  private String environment(String config) throws Exception {
    Answer made =
        stage
            .api()
            .post(
                "/v1/environments",
                "{\"name\":\"egress %s\",\"config\":%s}".formatted(UUID.randomUUID(), config));
    assertEquals(200, made.status(), made.text());
    return made.id();
  }
}
