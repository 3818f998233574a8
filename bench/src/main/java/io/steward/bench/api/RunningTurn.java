package io.steward.bench.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.steward.bench.model.Cue;
import io.steward.bench.model.TimedModel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A turn as the events of its session tell of it: when it is over, and whether it did what its cue
/// asked for. One event is noted after another; any thread may wait.
final class RunningTurn {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PIECE = Pattern.compile("p(\\d{5});");
  private static final int QUOTED_CHARS_MAX = 300;

  private final int tools;
  private final long[] deltas;
  private final CountDownLatch over = new CountDownLatch(1);
  private long idleNanos;
  private int results;
  private String error = "";
  private @Nullable String wrong;

  RunningTurn(Cue cue) {
    this.tools = cue.tools();
    this.deltas = new long[cue.chunks()];
  }

  /// @param data the event
  /// @param nanos when it had been read
  void note(String type, String data, long nanos) {
    if (isOver()) {
      return;
    }
    switch (type) {
      case "event_delta" -> delta(data, nanos);
      case "agent.tool_result" -> result(event(data));
      case "session.error" -> error = ": " + event(data).at("/error/message").asText();
      case "session.status_idle" -> {
        ended(event(data).at("/stop_reason/type").asText());
        idleNanos = nanos;
        over.countDown();
      }
      default -> {}
    }
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  /// When its `session.status_idle` had been read.
  ///
  /// @throws FailedTurnException when it takes longer than `atMost`, ended otherwise than a turn
  ///   should, or had a call that did not print what it was to print
  long awaitIdle(Duration atMost) throws InterruptedException, FailedTurnException {
    if (!over.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new FailedTurnException("a turn was not over after " + atMost.toSeconds() + " s");
    }
    if (wrong != null) {
      throw new FailedTurnException(wrong);
    }
    return idleNanos;
  }

  /// When each piece was seen in a delta first; 0 for one that was not.
  long[] deltaNanos() {
    return deltas;
  }

  private void delta(String data, long nanos) {
    Matcher piece = PIECE.matcher(data);
    while (piece.find()) {
      int index = Integer.parseInt(piece.group(1));
      if (index < deltas.length && deltas[index] == 0) {
        deltas[index] = nanos;
      }
    }
  }

  private void result(JsonNode event) {
    results++;
    String text = event.path("content").toString();
    if (event.path("is_error").asBoolean()) {
      isWrong("a call of bash failed: " + quoted(text));
    } else if (!text.contains(TimedModel.PRINTED)) {
      isWrong("a call of bash did not print %s: %s".formatted(TimedModel.PRINTED, quoted(text)));
    }
  }

  private void ended(String reason) {
    if (!reason.equals("end_turn")) {
      isWrong("a turn ended with %s instead of end_turn%s".formatted(reason, error));
    } else if (results < tools) {
      isWrong("%d of %d calls of bash had a result".formatted(results, tools));
    }
  }

  /// The first thing that went wrong is the cause of the others.
  private void isWrong(String sentence) {
    if (wrong == null) {
      wrong = sentence;
    }
  }

  private JsonNode event(String data) {
    try {
      return JSON.readTree(data);
    } catch (JsonProcessingException e) {
      isWrong("an event was not JSON: " + quoted(data));
      return JSON.nullNode();
    }
  }

  private static String quoted(String text) {
    return text.length() <= QUOTED_CHARS_MAX ? text : text.substring(0, QUOTED_CHARS_MAX) + "…";
  }
}
