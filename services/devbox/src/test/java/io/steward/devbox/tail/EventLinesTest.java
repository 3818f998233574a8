package io.steward.devbox.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventLinesTest {
  private static final String ID = "sesn_0111et8vk3S5eZYpTrHeGiw3";
  private static final EventLines PLAIN = new EventLines(false);

  @Test
  void an_event_is_a_line_with_its_time_its_session_and_what_it_says() {
    assertEquals(
        List.of("10:15:00 " + ID + "  agent.message                    Hello there (image)"),
        PLAIN.of(
            entry(
                "agent.message",
                "{'content':[{'type':'text','text':'Hello there'},{'type':'image'}]}")));
    assertEquals(
        List.of("10:15:00 " + ID + "  session.status_idle              end_turn"),
        PLAIN.of(entry("session.status_idle", "{'stop_reason':{'type':'end_turn'}}")));
    assertEquals(
        List.of("10:15:00 " + ID + "  agent.tool_use                   bash {\"command\":\"ls\"}"),
        PLAIN.of(entry("agent.tool_use", "{'name':'bash','input':{'command':'ls'}}")));
  }

  @Test
  void what_was_sent_at_once_is_a_line_for_each_event() {
    List<String> lines =
        PLAIN.of(
            entry(
                "session.events_sent",
                "{'events':[{'type':'user.interrupt'},{'type':'user.message','content':"
                    + "[{'type':'text','text':'a'}]}]}"));

    assertEquals(2, lines.size());
    assertTrue(lines.getFirst().endsWith("user.interrupt                   (sent)"));
    assertTrue(lines.getLast().endsWith("(sent) a"), lines.getLast());
  }

  @Test
  void a_tombstone_a_body_elsewhere_and_what_is_no_json_are_lines_too() {
    assertTrue(PLAIN.of(entry("agent.message", null)).getFirst().endsWith("(removed)"));
    EventLines.Entry elsewhere =
        new EventLines.Entry(
            ID + "/1", "model.response", "2026-11-20T10:15:00Z", "x/1", new byte[] {'{', '}'});
    assertTrue(PLAIN.of(elsewhere).getFirst().endsWith("(its body is in the blob store)"));
    assertEquals(1, PLAIN.of(entry("agent.message", "not json")).size());
    assertEquals(1, PLAIN.of(new EventLines.Entry("", "", "", null, new byte[0])).size());
  }

  @Test
  void nothing_an_agent_says_reaches_the_terminal_but_text() {
    String line =
        PLAIN
            .of(
                entry(
                    "agent.message",
                    "{'content':[{'type':'text','text':'a\\u001b[2Jb\\nc\\u202ed\\u009be'}]}"))
            .getFirst();

    assertTrue(line.endsWith("a [2Jb c d e"), line);
    String longText = "{'content':[{'type':'text','text':'" + "x".repeat(100_000) + "'}]}";
    assertTrue(PLAIN.of(entry("agent.message", longText)).getFirst().length() < 300);
  }

  @Test
  void colours_are_there_only_when_they_are_wanted() {
    EventLines.Entry error = entry("session.error", "{'error':{'type':'a','message':'b'}}");

    assertTrue(new EventLines(true).of(error).getFirst().contains("\u001b[31msession.error"));
    assertFalse(PLAIN.of(error).getFirst().contains("\u001b"));
  }

  private static EventLines.Entry entry(String type, @Nullable String body) {
    return new EventLines.Entry(
        ID + "/rec_1",
        type,
        "2026-11-20T10:15:00.123Z",
        null,
        body == null ? null : body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
