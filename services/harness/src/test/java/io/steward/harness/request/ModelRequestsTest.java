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
      new Transcript.ModelReply(List.of(block("text", "text", "Look:"), call()));
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
    return Conversation.of(new Transcript(List.of(entries)));
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
    assertTrue(request.tools().get(5).has("cache_control"));
  }

  @Test
  void tools_are_sorted_by_name_and_web_tools_are_not_offered() {
    List<String> names = new ArrayList<>();
    request().tools().forEach(tool -> names.add(tool.path("name").asText()));

    assertEquals(List.of("bash", "edit", "glob", "grep", "read", "write"), names);
  }

  @Test
  void tools_in_the_history_are_defined_even_when_the_agent_has_none_left() {
    Transcript.Entry custom =
        new Transcript.ModelReply(List.of(call(), call().put("name", "weather")));

    ArrayNode tools =
        OfferedTools.calledIn(new Transcript(List.of(HI, REPLY, RESULT, custom, RESULT)));

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
    return ModelRequests.of(facts, 100);
  }

  private static int marks(JsonNode node) {
    int marks = node.has("cache_control") ? 1 : 0;
    for (JsonNode child : node) {
      marks += marks(child);
    }
    return marks;
  }
}
