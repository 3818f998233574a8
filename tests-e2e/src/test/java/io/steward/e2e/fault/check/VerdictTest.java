package io.steward.e2e.fault.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.e2e.stage.Api;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The checks can fail: each thing that may go wrong is done to a session where all is well.
class VerdictTest {
  private static final String LIST =
      """
      [{"id":"e01","type":"session.status_running","processed_at":"2026-01-01T00:00:01Z"},
       {"id":"e02","type":"user.message","content":[{"type":"text","text":"Begin msg-1"}],
        "processed_at":"2026-01-01T00:00:01Z"},
       {"id":"e03","type":"span.model_request_start","processed_at":"2026-01-01T00:00:02Z"},
       {"id":"e04","type":"agent.tool_use","evaluated_permission":"ask",
        "input":{"command":"echo s01-aaaaaaaa >> ledger.txt"},
        "processed_at":"2026-01-01T00:00:03Z"},
       {"id":"e05","type":"span.model_request_end","model_request_start_id":"e03",
        "model_usage":{"input_tokens":11,"output_tokens":7,"cache_read_input_tokens":3},
        "processed_at":"2026-01-01T00:00:03Z"},
       {"id":"e06","type":"user.tool_confirmation","tool_use_id":"e04","result":"allow",
        "processed_at":"2026-01-01T00:00:04Z"},
       {"id":"e07","type":"agent.tool_result","tool_use_id":"e04","is_error":false,
        "content":[{"type":"text","text":"(no output)"}],"processed_at":"2026-01-01T00:00:05Z"},
       {"id":"e08","type":"agent.tool_use","evaluated_permission":"allow",
        "input":{"command":": s99-aaaaaaaa; cat ledger.txt"},
        "processed_at":"2026-01-01T00:00:06Z"},
       {"id":"e09","type":"agent.tool_result","tool_use_id":"e08","is_error":false,
        "content":[{"type":"text","text":"s01-aaaaaaaa"}],"processed_at":"2026-01-01T00:00:07Z"},
       {"id":"e10","type":"session.usage",
        "usage":{"input_tokens":11,"output_tokens":7,"cache_read_input_tokens":3},
        "processed_at":"2026-01-01T00:00:08Z"},
       {"id":"e11","type":"session.status_idle","stop_reason":{"type":"end_turn"},
        "processed_at":"2026-01-01T00:00:08Z"}]
      """;
  private static final String SESSION =
      """
      {"status":"idle",
       "usage":{"input_tokens":11,"output_tokens":7,"cache_read_input_tokens":3}}
      """;
  private static final String PROMPT =
      """
      {"messages":[
        {"role":"user","content":[{"type":"text","text":"Begin msg-1"}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1",
          "input":{"command":"echo s01-aaaaaaaa >> ledger.txt"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1",
          "content":[{"type":"text","text":"(no output)"}]}]}]}
      """;
  private static final String UNKNOWN =
      "The outcome of this command is unknown because the sandbox it ran in was lost.";

  /// A session where all is well, to be spoiled.
  private static final class Case {
    final ArrayNode list = (ArrayNode) Api.json(LIST);
    final ArrayNode followed = (ArrayNode) Api.json(LIST);
    final List<JsonNode> stream = new ArrayList<>();
    final ObjectNode session = (ObjectNode) Api.json(SESSION);
    final ObjectNode prompt = (ObjectNode) Api.json(PROMPT);
    final List<JsonNode> prompts = new ArrayList<>(List.of(prompt));
    final List<Hit> hits = new ArrayList<>();
    final List<String> refusals = new ArrayList<>();
    final List<Sent> sends =
        new ArrayList<>(
            List.of(
                acknowledged("user.message", "msg-1", "e02"),
                acknowledged("user.tool_confirmation", "e04", "e06")));

    ObjectNode event(String id) {
      for (JsonNode event : list) {
        if (Evidence.id(event).equals(id)) {
          return (ObjectNode) event;
        }
      }
      throw new IllegalArgumentException(id);
    }

    void remove(String id) {
      list.remove(places().indexOf(id));
    }

    /// Lists a copy of an event once more, under another id, right after it.
    void repeat(String id) {
      ObjectNode copy = event(id).deepCopy();
      list.insert(places().indexOf(id) + 1, copy.put("id", id + "-again"));
    }

    List<String> places() {
      List<String> ids = new ArrayList<>();
      list.forEach(event -> ids.add(Evidence.id(event)));
      return ids;
    }

    void fail(String id, String text) {
      event(id).put("is_error", true).putArray("content").addObject().put("text", text);
      ObjectNode result = (ObjectNode) prompt.at("/messages/2/content/0");
      result.put("is_error", true).put("content", text);
    }

    void emptyLedger() {
      event("e09").putArray("content");
    }

    Verdict verdict() {
      return Verdict.of(
          new Evidence(
              "case",
              listOf(list),
              session,
              sends,
              List.of(stream),
              listOf(followed),
              prompts,
              refusals,
              false,
              hits));
    }

    private static List<JsonNode> listOf(ArrayNode array) {
      List<JsonNode> list = new ArrayList<>();
      array.forEach(list::add);
      return list;
    }
  }

  static Stream<Arguments> sendFaults() {
    return Stream.of(
        spoiled("an acknowledged message is lost", "acknowledged but not", c -> c.remove("e02")),
        spoiled("a message is stored twice", "is listed 2 times", c -> c.repeat("e02")),
        spoiled("an answer is stored twice", "is listed 2 times", c -> c.repeat("e06")),
        spoiled(
            "an unknown send is stored twice",
            "is listed 2 times",
            c -> {
              c.repeat("e02");
              c.sends.set(
                  0, new Sent("user.message", List.of("msg-1"), Sent.Fate.UNKNOWN, List.of()));
            }),
        spoiled(
            "another id than acknowledged", "acknowledged as", c -> c.event("e02").put("id", "x")),
        spoiled("a message out of nowhere", "nobody sent", c -> c.sends.removeFirst()),
        spoiled(
            "a good message is refused",
            "refused for good",
            c ->
                c.sends.add(new Sent("user.message", List.of("m"), Sent.Fate.REFUSED, List.of()))));
  }

  static Stream<Arguments> listFaults() {
    return Stream.of(
        spoiled("an id twice", "is listed twice", c -> c.event("e03").put("id", "e02")),
        spoiled(
            "time goes back",
            "processed_at goes back",
            c -> c.event("e07").put("processed_at", "2026-01-01T00:00:02Z")),
        spoiled("a span without an end", "without an end", c -> c.remove("e05")),
        spoiled("a span that ends twice", "no open model request", c -> c.repeat("e05")),
        spoiled("a turn that does not end", "does not end with", c -> c.remove("e11")),
        spoiled(
            "a turn that was given up",
            "given up",
            c ->
                c.event("e10")
                    .put("type", "session.error")
                    .putObject("error")
                    .putObject("retry_status")
                    .put("type", "exhausted")),
        spoiled("GET lags", "GET says \"running\"", c -> c.session.put("status", "running")),
        spoiled(
            "GET counts twice",
            "GET says output_tokens",
            c -> ((ObjectNode) c.session.path("usage")).put("output_tokens", 14)));
  }

  static Stream<Arguments> toolFaults() {
    return Stream.of(
        spoiled("no result", "0 results", c -> c.remove("e07")),
        spoiled("two results", "2 results", c -> c.repeat("e07")),
        spoiled("a call logged twice", "is listed 2 times", c -> c.repeat("e04")),
        spoiled("a call that failed", "a call that failed", c -> c.fail("e07", "no shell")),
        spoiled(
            "a call that ran twice",
            "ran 2 times",
            c ->
                c.event("e09")
                    .putArray("content")
                    .addObject()
                    .put("text", "s01-aaaaaaaa\ns01-aaaaaaaa")),
        spoiled("a line that is lost", "its line is gone", Case::emptyLedger),
        spoiled(
            "a line of a call nobody knows",
            "of no listed call",
            c ->
                c.event("e09")
                    .putArray("content")
                    .addObject()
                    .put("text", "s01-aaaaaaaa s02-aaaaaaaa")),
        spoiled("unknown without a fault", "no fault hit it", c -> c.fail("e07", UNKNOWN)),
        spoiled(
            "unknown, but the fault was later",
            "no fault hit it",
            c -> {
              c.fail("e07", UNKNOWN);
              c.hits.add(hit("2026-01-01T00:00:06Z", true));
            }),
        spoiled(
            "unknown, but the fault ends no calls",
            "no fault hit it",
            c -> {
              c.fail("e07", UNKNOWN);
              c.hits.add(hit("2026-01-01T00:00:04Z", false));
            }));
  }

  static Stream<Arguments> readerFaults() {
    return Stream.of(
        spoiled(
            "the model read something else",
            "the model read",
            c -> ((ObjectNode) c.prompt.at("/messages/2/content/0")).put("content", "other")),
        spoiled(
            "the model forgot",
            "the conversation was",
            c -> {
              ObjectNode shorter = c.prompt.deepCopy();
              ((ArrayNode) shorter.path("messages")).remove(0);
              c.prompts.add(shorter);
            }),
        spoiled("the model refused", "the model refused", c -> c.refusals.add("a request")),
        spoiled("the stream missed an event", "missed by a client", c -> c.followed.remove(4)),
        spoiled(
            "the stream showed what is not listed",
            "but not listed",
            c -> c.followed.addObject().put("id", "e99").put("type", "agent.message")),
        spoiled(
            "the stream showed an event twice",
            "streamed twice",
            c -> {
              c.stream.add(c.event("e07"));
              c.stream.add(c.event("e07"));
            }),
        spoiled(
            "the stream showed another order",
            "streamed after",
            c -> {
              c.stream.add(c.event("e07"));
              c.stream.add(c.event("e05"));
            }));
  }

  @Test
  void a_session_where_all_is_well_passes() {
    assertEquals(new Verdict(List.of(), 0), new Case().verdict());
  }

  @Test
  void an_unknown_outcome_of_a_call_that_a_fault_hit_passes_with_its_line_or_without() {
    Case ran = new Case();
    ran.fail("e07", UNKNOWN);
    ran.hits.add(hit("2026-01-01T00:00:04Z", true));
    assertEquals(new Verdict(List.of(), 1), ran.verdict());

    ran.emptyLedger();
    assertEquals(new Verdict(List.of(), 1), ran.verdict());
  }

  @Test
  void a_send_without_an_answer_may_be_listed_or_not() {
    Case both = new Case();
    both.sends.add(new Sent("user.message", List.of("msg-2"), Sent.Fate.UNKNOWN, List.of()));
    both.sends.set(0, new Sent("user.message", List.of("msg-1"), Sent.Fate.UNKNOWN, List.of()));

    assertEquals(List.of(), both.verdict().violations());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"sendFaults", "listFaults", "toolFaults", "readerFaults"})
  void a_fault_is_told(Consumer<Case> spoil, String told) {
    Case spoiled = new Case();
    spoil.accept(spoiled);

    List<String> violations = spoiled.verdict().violations();
    assertTrue(
        violations.stream().anyMatch(violation -> violation.contains(told)),
        () -> told + " is not in " + violations);
  }

  private static Arguments spoiled(String name, String told, Consumer<Case> spoil) {
    return Arguments.of(Named.of(name, spoil), told);
  }

  private static Sent acknowledged(String type, String token, String id) {
    return new Sent(type, List.of(token), Sent.Fate.ACKNOWLEDGED, List.of(id));
  }

  private static Hit hit(String at, boolean endsCalls) {
    return new Hit("sandbox", endsCalls, Instant.parse(at), Instant.parse(at));
  }
}
