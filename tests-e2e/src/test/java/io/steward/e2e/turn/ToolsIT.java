package io.steward.e2e.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Block;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class ToolsIT {
  private static final Pattern PATH = Pattern.compile("/[\\w./-]+\\w");

  private final Stage stage;

  ToolsIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_tool_call_and_its_result_are_events_and_the_model_reads_the_result() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.message(Block.Text.of("Let me see."), Block.ToolUse.bash("echo $((6*7))")),
                Reply.text("It is 42.")))) {
      session.turn("Compute");

      assertEquals(
          List.of(
              "session.status_running",
              "session.thread_status_running",
              "user.message",
              "span.model_request_start",
              "agent.message",
              "agent.tool_use",
              "span.model_request_end",
              "agent.tool_result",
              "span.model_request_start",
              "agent.message",
              "span.model_request_end",
              "session.thread_status_idle",
              "session.usage",
              "session.status_idle"),
          OpenSession.types(session.listed()),
          session::describe);
      JsonNode call = session.listed("agent.tool_use").getFirst();
      assertEquals("bash", call.path("name").asText());
      assertEquals("echo $((6*7))", call.at("/input/command").asText());
      assertEquals("allow", call.path("evaluated_permission").asText());
      assertEquals("always_allow", call.at("/evaluation/type").asText());
      assertTrue(call.path("id").asText().startsWith("sevt_"));
      JsonNode result = session.listed("agent.tool_result").getFirst();
      assertEquals(call.path("id"), result.path("tool_use_id"));
      assertEquals("42", OpenSession.text(result).strip());
      assertFalse(result.path("is_error").asBoolean());
      assertEquals("42", resultsOf(session, 2).getFirst().text().strip());
    }
  }

  @Test
  void a_reply_without_text_makes_no_message_event() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("true"), Reply.text("done")))) {
      session.turn("Go");

      assertEquals(1, session.listed("agent.message").size(), session::describe);
    }
  }

  @Test
  void bash_keeps_its_shell_between_calls_and_turns() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash("cd /tmp; export COLOUR=green; greet() { echo hello $1; }"),
                Reply.bash("pwd; echo $COLOUR"),
                Reply.text("ok"),
                Reply.bash("greet again"),
                Reply.text("ok")))) {
      session.turn("One");
      session.turn("Two");

      assertEquals("/tmp\ngreen", resultsOf(session, 3).getFirst().text().strip());
      assertEquals("hello again", resultsOf(session, 5).getFirst().text().strip());
    }
  }

  @Test
  void bash_starts_a_new_shell_when_asked_to_restart() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash("export COLOUR=green"),
                Reply.tool("bash", "{\"restart\":true}"),
                Reply.bash("echo colour=$COLOUR"),
                Reply.text("ok")))) {
      session.turn("Go");

      assertFalse(resultsOf(session, 3).getFirst().isError());
      assertEquals("colour=", resultsOf(session, 4).getFirst().text().strip());
    }
  }

  @Test
  void a_failing_command_is_an_error_with_its_output_that_the_model_can_read() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.bash("echo out; echo broken >&2; (exit 3)"),
                Reply.bash("echo still here"),
                Reply.text("ok")))) {
      session.turn("Go");

      ToolOutcome failed = resultsOf(session, 2).getFirst();
      assertTrue(failed.isError(), failed.toString());
      assertTrue(failed.text().contains("out") && failed.text().contains("broken"), failed.text());
      assertEquals("still here", resultsOf(session, 3).getFirst().text().strip());
      assertTrue(session.listed("agent.tool_result").getFirst().path("is_error").asBoolean());
    }
  }

  @Test
  void a_command_past_its_time_is_stopped_and_the_next_one_works() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.tool("bash", "{\"command\":\"sleep 300\",\"timeout_ms\":500}"),
                Reply.bash("echo next"),
                Reply.text("ok")))) {
      session.turn("Go");

      ToolOutcome stopped = resultsOf(session, 2).getFirst();
      assertTrue(stopped.isError(), stopped.toString());
      assertTrue(stopped.text().startsWith("bash: "), stopped.text());
      assertEquals("next", resultsOf(session, 3).getFirst().text().strip());
    }
  }

  @Test
  void the_file_tools_write_read_edit_and_find_files() throws Exception {
    List<String> calls =
        List.of(
            "write {'file_path':'notes/a.txt','content':'one\\ntwo\\nthree\\n'}",
            "read {'file_path':'notes/a.txt'}",
            "read {'file_path':'/workspace/notes/a.txt','view_range':[2,3]}",
            "edit {'file_path':'notes/a.txt','old_string':'two','new_string':'TWO'}",
            "glob {'pattern':'**/*.txt'}",
            "grep {'pattern':'T.O','path':'notes'}",
            "bash {'command':'cat /workspace/notes/a.txt'}");
    try (OpenSession session = stage.session(scriptOf(calls))) {
      session.turn("Go");

      List<ToolOutcome> results = allResults(session);
      results.forEach(result -> assertFalse(result.isError(), result.toString()));
      assertTrue(results.get(0).text().contains("14 bytes"), results.get(0).text());
      assertEquals("one\ntwo\nthree\n".strip(), results.get(1).text().strip());
      assertEquals("two\nthree", results.get(2).text().strip());
      assertTrue(results.get(3).text().contains("1 replacement"), results.get(3).text());
      assertEquals("/workspace/notes/a.txt", results.get(4).text().strip());
      assertEquals("/workspace/notes/a.txt:2:TWO", results.get(5).text().strip());
      assertEquals("one\nTWO\nthree", results.get(6).text().strip());
    }
  }

  @Test
  void what_the_file_tools_cannot_do_is_an_error_in_words() throws Exception {
    List<String> calls =
        List.of(
            "read {'file_path':'missing.txt'}",
            "write {'file_path':'twice.txt','content':'x x'}",
            "edit {'file_path':'twice.txt','old_string':'x','new_string':'y'}",
            "edit {'file_path':'twice.txt','old_string':'z','new_string':'y'}",
            "grep {'pattern':'('}",
            "read {'file_path':'/etc/../../etc/shadow'}",
            "read {}",
            "write {'file_path':'/usr/bin/true','content':'x'}");
    try (OpenSession session = stage.session(scriptOf(calls))) {
      session.turn("Go");

      List<ToolOutcome> results = allResults(session);
      for (int i : new int[] {0, 2, 3, 4, 5, 6, 7}) {
        assertTrue(results.get(i).isError(), calls.get(i) + " -> " + results.get(i));
        assertFalse(results.get(i).text().contains("\tat "), "no stack trace");
      }
      assertTrue(results.get(0).text().contains("missing.txt"), results.get(0).text());
      assertTrue(results.get(2).text().contains("2"), results.get(2).text());
      assertFalse(results.get(1).isError());
    }
  }

  @Test
  void nothing_found_is_not_an_error() throws Exception {
    try (OpenSession session =
        stage.session(
            scriptOf(List.of("glob {'pattern':'*.none'}", "grep {'pattern':'nowhere'}")))) {
      session.turn("Go");

      for (ToolOutcome result : allResults(session)) {
        assertFalse(result.isError(), result.toString());
        assertTrue(result.text().contains("no matches"), result.text());
      }
    }
  }

  @Test
  void replace_all_replaces_every_occurrence() throws Exception {
    try (OpenSession session =
        stage.session(
            scriptOf(
                List.of(
                    "write {'file_path':'a','content':'x x x'}",
                    "edit {'file_path':'a','old_string':'x','new_string':'y','replace_all':true}",
                    "read {'file_path':'a'}")))) {
      session.turn("Go");

      assertEquals("y y y", allResults(session).getLast().text().strip());
    }
  }

  @Test
  void parallel_calls_are_answered_together_and_in_order() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(
                Reply.message(
                    Block.ToolUse.bash("sleep 0.3; echo first"),
                    Block.ToolUse.of("write", Map.of("file_path", "b", "content", "second")),
                    Block.ToolUse.bash("echo third")),
                Reply.text("ok")))) {
      session.turn("Go");

      List<ToolOutcome> results = resultsOf(session, 2);
      List<JsonNode> calls = session.listed("agent.tool_use");
      List<JsonNode> answers = session.listed("agent.tool_result");
      assertEquals(2, session.script().requests().size());
      assertEquals(3, results.size(), results.toString());
      assertEquals("first", results.get(0).text().strip());
      assertEquals("third", results.get(2).text().strip());
      assertEquals(
          calls.stream().map(call -> call.path("id").asText()).sorted().toList(),
          answers.stream().map(answer -> answer.path("tool_use_id").asText()).sorted().toList());
    }
  }

  @Test
  void a_big_output_is_cut_for_the_model_and_kept_whole_in_a_file() throws Exception {
    int characters = 588_895; // of `seq 1 100000`
    Script script =
        Script.answering(request ->
            switch (request.number()) {
              case 1 -> Reply.bash("seq 1 100000");
              case 2 -> Reply.bash("wc -c < " + pathIn(request.toolResults().getFirst().text()));
              default -> Reply.text("ok");
            });
    try (OpenSession session = stage.session(script)) {
      session.turn("Go");

      String cut = resultsOf(session, 2).getFirst().text();
      assertTrue(cut.length() <= 110_000, "the model reads " + cut.length() + " characters");
      assertTrue(
          OpenSession.text(session.listed("agent.tool_result").getFirst()).length() <= 110_000);
      assertEquals(Integer.toString(characters), resultsOf(session, 3).getFirst().text().strip());
    }
  }

  @Test
  void a_command_without_output_gives_the_model_something_to_read() throws Exception {
    try (OpenSession session = stage.session(Script.of(Reply.bash("true"), Reply.text("ok")))) {
      session.turn("Go");

      assertFalse(resultsOf(session, 2).getFirst().isError());
    }
  }

  @Test
  void a_background_job_does_not_hold_the_call() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("sleep 300 & echo started"), Reply.text("ok")))) {
      session.send("Go");
      session.await("session.status_idle", Duration.ofSeconds(10), event -> true);

      assertTrue(resultsOf(session, 2).getFirst().text().contains("started"));
    }
  }

  @Test
  void a_tool_that_is_not_enabled_is_denied_and_the_model_told_so() throws Exception {
    try (OpenSession session =
        stage.session(
            Script.of(Reply.tool("launch_missiles", "{\"at\":\"once\"}"), Reply.text("ok")))) {
      session.turn("Go");

      JsonNode call = session.listed("agent.tool_use").getFirst();
      assertEquals("deny", call.path("evaluated_permission").asText(), session::describe);
      assertTrue(call.path("evaluation").isMissingNode());
      assertTrue(resultsOf(session, 2).getFirst().isError());
    }
  }

  @Test
  void unicode_survives_the_way_through_a_command() throws Exception {
    try (OpenSession session =
        stage.session(Script.of(Reply.bash("printf 'grüße 🌍\\n'"), Reply.text("✓ ünïcode")))) {
      session.turn("Größe? 🌍");

      assertEquals("grüße 🌍", resultsOf(session, 2).getFirst().text().strip());
      assertEquals("✓ ünïcode", OpenSession.text(session.listed("agent.message").getFirst()));
    }
  }

  /// A script that makes these calls one after another, written `name {input}` with single quotes.
  private static Script scriptOf(List<String> calls) {
    List<Reply> replies = new ArrayList<>();
    for (String call : calls) {
      int space = call.indexOf(' ');
      replies.add(
          Reply.tool(call.substring(0, space), call.substring(space + 1).replace('\'', '"')));
    }
    replies.add(Reply.text("ok"));
    return Script.of(replies.toArray(Reply[]::new));
  }

  /// The tool results in the request of this number, counted from 1.
  private static List<ToolOutcome> resultsOf(OpenSession session, int request) throws Exception {
    return session.script().awaitRequest(request).toolResults();
  }

  private static List<ToolOutcome> allResults(OpenSession session) {
    return session.script().requests().stream()
        .map(ModelRequest::toolResults)
        .flatMap(List::stream)
        .toList();
  }

  private static String pathIn(String text) {
    Matcher matcher = PATH.matcher(text);
    return matcher.find() ? matcher.group() : "/no/path/in/the/result";
  }
}
