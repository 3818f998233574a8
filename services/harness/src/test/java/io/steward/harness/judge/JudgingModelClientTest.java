package io.steward.harness.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.Evaluation.Judgement;
import io.steward.schemas.event.RequestUsage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JudgingModelClientTest {
  private static final ModelClient NOBODY =
      (_, _) -> {
        throw new IllegalStateException("nobody asks");
      };
  private static final Judge ALLOWS_ALL =
      calls ->
          calls.stream().collect(Collectors.toMap(JudgedCall::id, _ -> Verdict.ALLOW, (a, _) -> a));

  private static ModelRequest request(String... judgedTools) {
    return new ModelRequest(
        "m",
        1,
        null,
        JsonNodeFactory.instance.arrayNode(),
        true,
        JsonNodeFactory.instance.arrayNode(),
        null,
        null,
        null,
        Set.of(judgedTools),
        Map.of());
  }

  private static ObjectNode call(String id, String tool) {
    ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "tool_use");
    call.put("id", id).put("name", tool).putObject("input");
    return call;
  }

  private static Map<String, Judgement> judgements(
      Judge judge, ModelRequest request, JsonNode... blocks) {
    ModelOutcome reply =
        new ModelOutcome.Replied(
            Arrays.asList(blocks), Map.of(), "tool_use", null, RequestUsage.NONE, Map.of());
    ModelOutcome outcome = new JudgingModelClient((_, _) -> reply, judge, 2).ask(request, _ -> {});
    return assertInstanceOf(ModelOutcome.Replied.class, outcome).judgements();
  }

  @Test
  void only_calls_of_judged_tools_are_judged() {
    assertEquals(
        Map.of("a", Verdict.ALLOW),
        judgements(ALLOWS_ALL, request("bash"), call("a", "bash"), call("b", "read")));
  }

  @Test
  void a_request_without_judged_tools_is_left_alone() {
    Judge never =
        _ -> {
          throw new IllegalStateException("nothing to judge");
        };

    assertEquals(Map.of(), judgements(never, request(), call("a", "bash")));
  }

  @Test
  void a_call_the_judge_passed_over_is_asked_about() {
    assertEquals(
        Map.of("a", Verdict.ASK), judgements(_ -> Map.of(), request("bash"), call("a", "bash")));
  }

  @Test
  void a_judge_that_breaks_asks() {
    Judge broken =
        _ -> {
          throw new IllegalStateException("broken");
        };

    assertEquals(Map.of("a", Verdict.ASK), judgements(broken, request("bash"), call("a", "bash")));
  }

  @Test
  void calls_that_share_an_id_are_asked_about() {
    assertEquals(
        Map.of("a", Verdict.ASK, "b", Verdict.ALLOW),
        judgements(
            ALLOWS_ALL, request("bash"), call("a", "bash"), call("b", "bash"), call("a", "bash")));
  }

  @Test
  void calls_beyond_the_limit_are_asked_about() {
    List<String> seen = new ArrayList<>();
    Judge judge =
        calls -> {
          calls.forEach(call -> seen.add(call.id()));
          return ALLOWS_ALL.judge(calls);
        };

    Map<String, Judgement> verdicts =
        judgements(judge, request("bash"), call("a", "bash"), call("b", "bash"), call("c", "bash"));

    assertEquals(List.of("a", "b"), seen);
    assertEquals(Verdict.ASK, verdicts.get("c"));
  }

  @Test
  void a_verdict_on_something_else_is_ignored() {
    Judge confused = _ -> Map.of("z", Verdict.ALLOW);

    assertEquals(
        Map.of("a", Verdict.ASK), judgements(confused, request("bash"), call("a", "bash")));
  }

  @Test
  void a_failure_passes_through() {
    ModelOutcome failed =
        new ModelOutcome.Failed(
            ModelFailure.of(ModelFailure.Kind.OVERLOADED, "No."), RequestUsage.NONE);

    assertEquals(
        failed,
        new JudgingModelClient((_, _) -> failed, ALLOWS_ALL, 1).ask(request("bash"), _ -> {}));
  }

  @Test
  void the_limit_is_at_least_one() {
    assertThrows(
        IllegalArgumentException.class, () -> new JudgingModelClient(NOBODY, ALLOWS_ALL, 0));
  }
}
