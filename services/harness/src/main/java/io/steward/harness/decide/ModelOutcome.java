package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.Evaluation.Judgement;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.StopDetails;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What came of a model request.
public sealed interface ModelOutcome {
  RequestUsage usage();

  /// @param content raw content blocks, complete ones only
  /// @param eventIds ids that were announced for events, by the index of the block an event begins
  ///   with
  /// @param stopReason the model's own, such as `end_turn`
  /// @param judgements verdicts on calls of judged tools, by the model's id of the call; a call
  ///   without one is not allowed to run unasked
  /// @param model the model that answered, as the provider calls it, or null when it does not say
  record Replied(
      List<JsonNode> content,
      Map<Integer, String> eventIds,
      String stopReason,
      @Nullable StopDetails stopDetails,
      RequestUsage usage,
      Map<String, Judgement> judgements,
      @Nullable String model)
      implements ModelOutcome {
    /// A reply of a provider that does not say which model answered.
    public Replied(
        List<JsonNode> content,
        Map<Integer, String> eventIds,
        String stopReason,
        @Nullable StopDetails stopDetails,
        RequestUsage usage,
        Map<String, Judgement> judgements) {
      this(content, eventIds, stopReason, stopDetails, usage, judgements, null);
    }

    public Replied {
      judgements = Map.copyOf(judgements);
      content = List.copyOf(content);
      eventIds = Map.copyOf(eventIds);
    }

    /// Whether it can stand for the conversation it was to summarise: neither refused nor about to
    /// do something.
    public boolean isSummary() {
      return !stopReason.equals("refusal")
          && content.stream().noneMatch(block -> block.path("type").asText().equals("tool_use"))
          && !text().isBlank();
    }

    /// What it says, without thinking and calls.
    public String text() {
      return content.stream()
          .filter(block -> block.path("type").asText().equals("text"))
          .map(block -> block.path("text").asText())
          .collect(Collectors.joining("\n\n"));
    }
  }

  /// The same reply with verdicts on its calls.
  static Replied judged(Replied reply, Map<String, Judgement> judgements) {
    return new Replied(
        reply.content(),
        reply.eventIds(),
        reply.stopReason(),
        reply.stopDetails(),
        reply.usage(),
        judgements,
        reply.model());
  }

  /// @param usage what was counted before it failed
  record Failed(ModelFailure failure, RequestUsage usage) implements ModelOutcome {}
}
