package io.steward.harness.judge;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.Evaluation.Judgement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/// Adds verdicts to replies.
public final class JudgingModelClient implements ModelClient {
  private static final Logger LOG = Logger.getLogger(JudgingModelClient.class);

  private final ModelClient model;
  private final Judge judge;
  private final int callsMax;

  /// @param callsMax judged calls of one reply; a person is asked about the rest
  public JudgingModelClient(ModelClient model, Judge judge, int callsMax) {
    if (callsMax < 1) {
      throw new IllegalArgumentException(
          "steward.judge.calls-max is " + callsMax + "; it must be at least 1");
    }
    this.model = model;
    this.judge = judge;
    this.callsMax = callsMax;
  }

  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    ModelOutcome outcome = model.ask(request, previews);
    if (!(outcome instanceof ModelOutcome.Replied reply) || request.judgedTools().isEmpty()) {
      return outcome;
    }
    List<JudgedCall> calls = calls(reply, request.judgedTools());
    return calls.isEmpty() ? reply : ModelOutcome.judged(reply, verdicts(calls));
  }

  @Override
  public void close() {
    model.close();
  }

  private static List<JudgedCall> calls(ModelOutcome.Replied reply, Set<String> judgedTools) {
    List<JudgedCall> calls = new ArrayList<>();
    for (JsonNode block : reply.content()) {
      String name = block.path("name").asText();
      if (block.path("type").asText().equals("tool_use") && judgedTools.contains(name)) {
        calls.add(new JudgedCall(block.path("id").asText(), name, block.path("input")));
      }
    }
    return calls;
  }

  private Map<String, Judgement> verdicts(List<JudgedCall> calls) {
    Map<String, Judgement> verdicts = new HashMap<>();
    calls.forEach(call -> verdicts.put(call.id(), Verdict.ASK));
    List<JudgedCall> judged = distinct(calls);
    try {
      judge
          .judge(judged.subList(0, Math.min(callsMax, judged.size())))
          .forEach((id, verdict) -> verdicts.computeIfPresent(id, (_, _) -> verdict));
    } catch (RuntimeException e) {
      LOG.errorf(e, "Tool calls could not be judged");
    }
    return verdicts;
  }

  /// The calls without those that share an id: the verdict on one would be taken for the other's.
  private static List<JudgedCall> distinct(List<JudgedCall> calls) {
    Set<String> seen = new HashSet<>();
    Set<String> shared = new HashSet<>();
    calls.stream().map(JudgedCall::id).filter(id -> !seen.add(id)).forEach(shared::add);
    return calls.stream().filter(call -> !shared.contains(call.id())).toList();
  }
}
