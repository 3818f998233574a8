package io.steward.harness.judge;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.schemas.event.Evaluation.Judgement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/// Asks a model. Each call is judged in a request of its own, all of them at once, so that nothing
/// a call says can sway the verdict on another.
public final class ModelJudge implements Judge {
  private static final Logger LOG = Logger.getLogger(ModelJudge.class);

  private final ModelClient model;
  private final String modelId;
  private final Duration timeMax;
  private final int inputCharsMax;
  private final IdSource ids;

  /// @param modelId of the catalog
  /// @param timeMax for all calls of one reply together
  /// @param inputCharsMax a person is asked about calls with a longer input
  /// @param ids makes marks nobody can foresee
  public ModelJudge(
      ModelClient model, String modelId, Duration timeMax, int inputCharsMax, IdSource ids) {
    if (!timeMax.isPositive() || inputCharsMax < 1) {
      throw new IllegalArgumentException(
          "steward.judge.timeout is "
              + timeMax
              + " and steward.judge.input-chars-max is "
              + inputCharsMax
              + "; both must be above 0");
    }
    this.model = model;
    this.modelId = modelId;
    this.timeMax = timeMax;
    this.inputCharsMax = inputCharsMax;
    this.ids = ids;
  }

  @Override
  public Map<String, Judgement> judge(List<JudgedCall> calls) {
    Map<String, FutureTask<Judgement>> tasks = new LinkedHashMap<>();
    Map<String, Judgement> verdicts = new HashMap<>();
    long deadlineNanos = System.nanoTime() + timeMax.toNanos();
    try {
      for (JudgedCall call : calls) {
        if (JudgePrompt.length(call) <= inputCharsMax) {
          FutureTask<Judgement> task = new FutureTask<>(() -> verdict(call));
          tasks.put(call.id(), task);
          Thread.ofVirtual().name("judge-" + call.id()).start(task);
        }
      }
      for (Map.Entry<String, FutureTask<Judgement>> entry : tasks.entrySet()) {
        verdicts.put(entry.getKey(), await(entry.getValue(), deadlineNanos));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      tasks.values().forEach(task -> task.cancel(true));
    }
    return verdicts;
  }

  private static Judgement await(FutureTask<Judgement> task, long deadlineNanos)
      throws InterruptedException {
    try {
      return task.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      LOG.warn("The judge model did not answer in time");
      return Verdict.ASK;
    } catch (ExecutionException e) {
      LOG.errorf(e, "A tool call could not be judged");
      return Verdict.ASK;
    }
  }

  private Judgement verdict(JudgedCall call) {
    ModelOutcome outcome =
        model.ask(JudgePrompt.request(modelId, call, ids.next("call-")), _ -> {});
    return switch (outcome) {
      case ModelOutcome.Failed failed ->
          failed.failure().kind() == ModelFailure.Kind.BILLING ? Verdict.NO_CREDIT : Verdict.ASK;
      case ModelOutcome.Replied reply -> verdict(reply);
    };
  }

  /// One text of one word, and the model ended it itself.
  private static Judgement verdict(ModelOutcome.Replied reply) {
    List<JsonNode> said =
        reply.content().stream().filter(block -> !type(block).endsWith("thinking")).toList();
    if (!reply.stopReason().equals("end_turn")
        || said.size() != 1
        || !type(said.getFirst()).equals("text")) {
      return Verdict.ASK;
    }
    return switch (said.getFirst().path("text").asText().strip()) {
      case "allow" -> Verdict.ALLOW;
      case "deny" -> Verdict.HIGH_RISK;
      default -> Verdict.ASK;
    };
  }

  private static String type(JsonNode block) {
    return block.path("type").asText();
  }
}
