package io.steward.helm;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.ObjectMappers;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsTextBlock;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsUserMessageEventParams;
import com.anthropic.models.beta.sessions.events.EventListParams;
import com.anthropic.models.beta.sessions.events.EventSendParams;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A session as the official client sees it. One command is one turn.
///
/// @param sdk where sessions are served
record SdkSession(AnthropicClient sdk, String id) {
  private static final Duration TURN_MAX = Duration.ofMinutes(3);
  private static final Duration PAUSE = Duration.ofMillis(250);

  /// What came of a command.
  record Result(String text, boolean error) {}

  /// Runs a command and waits for the end of its turn.
  Result run(String command) {
    int before = results().size();
    start(command);
    return next(before);
  }

  /// Starts a command.
  void start(String command) {
    sdk.beta()
        .sessions()
        .events()
        .send(
            EventSendParams.builder()
                .sessionId(id)
                .addEvent(
                    BetaManagedAgentsUserMessageEventParams.builder()
                        .addContent(BetaManagedAgentsTextBlock.builder().text(command).build())
                        .build())
                .build());
  }

  /// The result that follows the first `count`, when its turn is over.
  Result next(int count) {
    long deadline = System.nanoTime() + TURN_MAX.toNanos();
    List<JsonNode> events = List.of();
    while (System.nanoTime() < deadline) {
      events = events();
      List<Result> results = results(events);
      if (results.size() > count
          && events.getLast().path("type").asText().equals("session.status_idle")) {
        return results.get(count);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    throw new AssertionError("no result within " + TURN_MAX + ": " + events);
  }

  /// All results, oldest first.
  List<Result> results() {
    return results(events());
  }

  private static List<Result> results(List<JsonNode> events) {
    List<Result> results = new ArrayList<>();
    for (JsonNode event : events) {
      if (event.path("type").asText().equals("agent.tool_result")) {
        StringBuilder text = new StringBuilder();
        event.path("content").forEach(block -> text.append(block.path("text").asText()));
        results.add(new Result(text.toString(), event.path("is_error").asBoolean()));
      }
    }
    return results;
  }

  private List<JsonNode> events() {
    List<JsonNode> events = new ArrayList<>();
    sdk.beta()
        .sessions()
        .events()
        .list(EventListParams.builder().sessionId(id).limit(1000).build())
        .autoPager()
        .forEach(event -> events.add(ObjectMappers.jsonMapper().valueToTree(event)));
    return events;
  }
}
