package io.steward.e2e.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class IsolationIT {
  private final Stage stage;

  IsolationIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_session_that_calls_no_tool_starts_no_sandbox() throws Exception {
    // No turn of this agent ever called a tool, so none is expected of it.
    String agent = stage.createAgent(Stage.agent("with tools").addTool(Stage.toolset()));
    try (OpenSession idle = stage.session(agent, Script.of(Reply.text("a")));
        OpenSession active = stage.session(Script.of(Reply.bash("true"), Reply.text("a")))) {
      idle.turn("Just talk");
      active.turn("Run");

      Patience.until(
          Duration.ofSeconds(10),
          () -> "a sandbox event of the session that ran a tool",
          () -> sandboxRecordsOf(active.id()) > 0);
      assertEquals(0, sandboxRecordsOf(idle.id()));
      assertFalse(
          stage.steward().hasFileNamed(idle.id()), "a directory for a session without tools");
    }
  }

  @Test
  void two_sessions_do_not_see_each_others_files() throws Exception {
    try (OpenSession one =
            stage.session(
                Script.of(
                    Reply.bash(
                        "for d in /workspace /tmp /mnt/session/outputs ~; do"
                            + " echo mine > $d/planted-by-one 2>/dev/null; done; ls /workspace"),
                    Reply.text("ok")));
        OpenSession two =
            stage.session(
                Script.of(
                    Reply.bash("find / -name 'planted-by-*' 2>/dev/null; echo searched"),
                    Reply.text("ok")))) {
      one.turn("Plant");
      two.turn("Look");

      assertTrue(result(one, 2).contains("planted-by-one"), result(one, 2));
      assertEquals("searched", result(two, 2).strip());
    }
  }

  @Test
  void two_sessions_do_not_see_each_others_processes() throws Exception {
    try (OpenSession one =
            stage.session(Script.of(Reply.bash("sleep 4711 & echo started"), Reply.text("ok")));
        OpenSession two =
            stage.session(
                Script.of(
                    Reply.bash("cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; echo seen"),
                    Reply.text("ok")))) {
      one.turn("Start");
      two.turn("Look");

      assertFalse(result(two, 2).contains("4711"), result(two, 2));
      assertFalse(result(two, 2).contains("java"), result(two, 2));
      assertTrue(result(two, 2).contains("seen"), result(two, 2));
    }
  }

  @Test
  void nothing_of_the_hosts_keys_is_inside_a_sandbox() throws Exception {
    String data = stage.steward().dataDirectory().toString();
    String repository = Steward.repository().toString();
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash("env; set"),
                Reply.bash("cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; echo end"),
                Reply.bash("ls -laR ~ 2>/dev/null | head -200; cat ~/.* 2>/dev/null; echo end"),
                Reply.bash("ls -la " + data + " " + repository + " 2>&1; echo end"),
                Reply.bash("cat " + data + "/run/devbox.pid 2>&1; echo end"),
                Reply.text("ok")))) {
      session.turn("Look around");

      String all = session.listed("agent.tool_result").toString();
      for (String secret : List.of(stage.modelKey(), Steward.API_KEY, "STEWARD_")) {
        assertFalse(all.contains(secret), () -> secret + " in " + all);
      }
      assertFalse(all.contains("KAFKA_BOOTSTRAP"), all);
      assertFalse(all.contains("QUARKUS_"), all);
      String pidFile = result(session, 6);
      assertTrue(pidFile.contains("No such file") || pidFile.contains("denied"), pidFile);
    }
  }

  @Test
  void a_sandbox_reaches_no_port_of_the_host() throws Exception {
    String port = stage.steward().settings().get("STEWARD_KAFKA_PORT");
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash(
                    "(echo > /dev/tcp/127.0.0.1/" + port + ") 2>&1 && echo reached || echo cut"),
                Reply.text("ok")))) {
      session.turn("Knock");

      assertTrue(result(session, 2).strip().endsWith("cut"), result(session, 2));
    }
  }

  @Test
  void the_system_is_read_only_and_the_session_has_its_own_places() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash(
                    "touch /usr/x /etc/x /x 2>/dev/null && echo writable || echo read-only;"
                        + " for d in /workspace /tmp /mnt/session/outputs; do"
                        + " touch $d/x && echo $d ok; done;"
                        + " ls -d /mnt/session/uploads; pwd"),
                Reply.text("ok")))) {
      session.turn("Look");

      assertEquals(
          "read-only\n/workspace ok\n/tmp ok\n/mnt/session/outputs ok\n"
              + "/mnt/session/uploads\n/workspace",
          result(session, 2).strip());
    }
  }

  @Test
  void a_sandbox_has_a_bound_on_memory_and_processes() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.tool(
                    "bash",
                    "{\"command\":\"head -c 3500000000 /dev/zero | tail -c 3000000000 | wc -c\","
                        + "\"timeout_ms\":60000}"),
                Reply.tool(
                    "bash",
                    "{\"command\":\"n=0; for i in $(seq 1 700); do sleep 60 & n=$((n+1)); done"
                        + " 2>/tmp/forks; jobs -r | wc -l\",\"timeout_ms\":60000}"),
                Reply.text("ok"),
                Reply.tool("bash", "{\"restart\":true,\"command\":\"echo alive\"}"),
                Reply.text("ok")))) {
      session.send("Eat");
      session.await("session.status_idle", Duration.ofSeconds(150), event -> true);
      session.send("Still there?");
      session.await("session.status_idle", Duration.ofSeconds(60), event -> true);

      assertFalse(result(session, 2).contains("3000000000"), result(session, 2));
      assertFalse(result(session, 3).strip().equals("700"), result(session, 3));
      assertTrue(
          session.script().requests().getLast().toolResults().getFirst().text().contains("alive"),
          session::describe);
    }
  }

  @Test
  void a_deleted_session_leaves_no_process_behind() throws Exception {
    String mark = "sleep 98765";
    try (OpenSession session =
        stage.session(Script.of(Reply.bash(mark + " & echo started"), Reply.text("ok")))) {
      session.turn("Start");
      assertFalse(Processes.mentioning(mark).isEmpty(), "the job runs");
      stage.sdk().beta().sessions().delete(session.id());

      Patience.until(
          Duration.ofSeconds(10),
          () -> "its processes are gone" + session.describe(),
          () -> Processes.mentioning(mark).isEmpty());
    }
  }

  private long sandboxRecordsOf(String session) {
    return KafkaRecords.read(stage.steward(), List.of("sandbox-events", "sandbox-commands"))
        .stream()
        .filter(record -> record.key() != null)
        .filter(record -> new String(record.key(), StandardCharsets.UTF_8).contains(session))
        .count();
  }

  private static String result(OpenSession session, int request) throws Exception {
    return session.script().awaitRequest(request).toolResults().getFirst().text();
  }
}
