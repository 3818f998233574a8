package io.steward.harness.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Transcript;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ModelRequestsTest {
  private static final Transcript.Entry HI = user("Hi");
  private static final Transcript.Entry REPLY =
      new Transcript.ModelReply(List.of(block("text", "text", "Look:"), call()), "tool_use");
  private static final Transcript.Entry RESULT = result("out");

  private static Transcript.Entry user(String text) {
    return new Transcript.UserInput(List.of(new ContentBlock.Text(text)));
  }

  private static Transcript.Entry result(String text) {
    return new Transcript.ToolResults(
        List.of(
            new Transcript.ToolResultEntry(
                "toolu_1", List.of(new ContentBlock.Text(text)), false)));
  }

  private static ObjectNode block(String type, String field, String value) {
    return JsonNodeFactory.instance.objectNode().put("type", type).put(field, value);
  }

  private static ObjectNode call() {
    ObjectNode call = block("tool_use", "id", "toolu_1").put("name", "bash");
    call.putObject("input").put("command", "ls");
    return call;
  }

  private static ArrayNode messages(Transcript.Entry... entries) {
    return Conversation.of(List.of(entries));
  }

  @Test
  void results_come_first_then_everything_else_a_user_said() {
    ArrayNode messages =
        messages(
            HI,
            REPLY,
            RESULT,
            new Transcript.SystemInput(List.of(new ContentBlock.Text("Be brief."))),
            user("More"));

    assertEquals(3, messages.size());
    List<String> types = new ArrayList<>();
    messages.get(2).path("content").forEach(block -> types.add(block.path("type").asText()));
    assertEquals(List.of("tool_result", "text", "text"), types);
    assertEquals("<system>\nBe brief.\n</system>", messages.at("/2/content/1/text").asText());
  }

  @Test
  void a_longer_conversation_begins_like_the_shorter_one() {
    ArrayNode shorter = messages(HI, REPLY, RESULT);
    ArrayNode longer = messages(HI, REPLY, RESULT, user("And"), REPLY);

    String bytes = shorter.toString();
    assertTrue(longer.toString().startsWith(bytes.substring(0, bytes.length() - "]}]".length())));
  }

  @Test
  void text_that_cannot_be_seen_is_not_sent() {
    ArrayNode messages = messages(user("  \n"), REPLY, result(""));

    assertEquals("(no text)", messages.at("/0/content/0/text").asText());
    assertEquals("(no text)", messages.at("/2/content/0/content/0/text").asText());
  }

  @Test
  void a_reply_goes_back_as_it_came() {
    ArrayNode messages = messages(HI, REPLY, RESULT);

    assertEquals(call(), messages.at("/1/content/1"));
  }

  @Test
  void three_marks_tell_what_to_cache() {
    ModelRequest request = request();

    assertEquals(1, marks(Objects.requireNonNull(request.system())));
    assertEquals(1, marks(request.tools()));
    assertTrue(request.tools().get(request.tools().size() - 1).has("cache_control"));
  }

  @Test
  void tools_are_sorted_by_name_and_web_tools_are_not_offered() {
    List<String> names = new ArrayList<>();
    request().tools().forEach(tool -> names.add(tool.path("name").asText()));

    assertEquals(List.of("bash", "edit", "glob", "grep", "read", "web_fetch", "write"), names);
  }

  @Test
  void tools_in_the_history_are_defined_even_when_the_agent_has_none_left() {
    Transcript.Entry custom =
        new Transcript.ModelReply(List.of(call(), call().put("name", "weather")), "tool_use");

    ArrayNode tools =
        OfferedTools.calledIn(
            new Transcript(List.of(HI, REPLY, RESULT, custom, RESULT), 0, 0, 0, 0));

    assertEquals(2, tools.size());
    assertEquals(BuiltInTools.definition("bash"), tools.get(0));
    assertEquals("weather", tools.at("/1/name").asText());
    assertEquals("{\"type\":\"object\"}", tools.at("/1/input_schema").toString());
  }

  @Test
  void a_conversation_without_calls_of_an_agent_without_tools_sends_none() {
    assertTrue(request(List.of()).tools().isEmpty());
  }

  @Test
  void the_usual_effort_and_speed_are_left_out() {
    assertNull(request().effort());
    assertNull(request().speed());
  }

  @Test
  void a_reply_that_was_cut_is_continued_behind_a_request_to_go_on() {
    Transcript.Entry cut =
        new Transcript.ModelReply(List.of(block("text", "text", "On")), "max_tokens");
    Transcript.Entry rest =
        new Transcript.ModelReply(List.of(block("text", "text", "ce")), "end_turn");

    ArrayNode asking = messages(HI, cut);
    ArrayNode later = messages(HI, cut, rest, user("More"));

    assertEquals("user", asking.at("/2/role").asText());
    assertEquals(asking.get(2), later.get(2));
    assertEquals(5, later.size());
  }

  @Test
  void a_paused_reply_goes_back_as_it_is_and_grows() {
    Transcript.Entry paused =
        new Transcript.ModelReply(List.of(block("text", "text", "Let me")), "pause_turn");
    Transcript.Entry rest =
        new Transcript.ModelReply(List.of(block("text", "text", "see")), "end_turn");

    ArrayNode asking = messages(HI, paused);
    ArrayNode later = messages(HI, paused, rest, user("More"));

    assertEquals(2, asking.size());
    assertEquals(3, later.size());
    assertEquals(2, later.at("/1/content").size());
  }

  @Test
  void a_summary_opens_the_conversation_and_joins_what_the_user_said() {
    ArrayNode messages = messages(new Transcript.Summary("In short"), HI, REPLY, RESULT);

    assertEquals(3, messages.size());
    assertTrue(messages.at("/0/content/0/text").asText().contains("In short"));
    assertEquals("Hi", messages.at("/0/content/1/text").asText());
  }

  @Test
  void a_summary_is_asked_for_behind_the_oldest_part_without_leave_to_call_tools() {
    ArrayNode messages = SummaryRequest.messages(List.of(HI, REPLY, RESULT), 200_000);

    assertEquals(3, messages.size());
    assertTrue(messages.at("/2/content/1/text").asText().startsWith("<compaction>"));
    ArrayNode small =
        SummaryRequest.messages(List.of(HI, REPLY, result("x".repeat(50_000))), 8_000);
    assertTrue(small.toString().length() < 20_000);
  }

  @Test
  void what_is_too_long_for_a_summary_is_shortened_until_it_fits() {
    Transcript.Entry big =
        new Transcript.UserInput(
            List.of(
                new ContentBlock.Text("y".repeat(60_000)),
                new ContentBlock.Image(new ContentBlock.Source.Base64("image/png", "AAAA"))));
    List<Transcript.Entry> entries = new ArrayList<>(List.of(big));
    for (int i = 0; i < 40; i++) {
      entries.add(REPLY);
      entries.add(result("x".repeat(9_000)));
    }

    for (int window : List.of(100_000, 20_000, 4_000, 500)) {
      ArrayNode messages = SummaryRequest.messages(entries, window);

      assertEquals("user", messages.at("/0/role").asText());
      assertTrue(messages.get(messages.size() - 1).toString().contains("<compaction>"));
      assertEquals(
          messages.findValues("tool_use_id").size(),
          messages.findValuesAsText("name").size(),
          "every call has its result");
    }
    assertTrue(SummaryRequest.messages(entries, 4_000).toString().length() < 14_000);
  }

  private static ModelRequest request() {
    return request(List.of(Sessions.TOOLSET));
  }

  private static ModelRequest request(List<AgentTool> tools) {
    SessionId id = new SessionId("sesn_011111111111111111111111");
    SessionRecord created = Sessions.created(id, "cloud", tools);
    SessionFacts facts =
        Session.ABSENT
            .apply(new LoggedRecord(id, "rec_1", 0, Instant.EPOCH, created))
            .known()
            .orElseThrow();
    return new ModelRequests(Sessions.MODELS, 100, Searcher.NOBODY).next(facts);
  }

  private static int marks(JsonNode node) {
    int marks = node.has("cache_control") ? 1 : 0;
    for (JsonNode child : node) {
      marks += marks(child);
    }
    return marks;
  }
}
