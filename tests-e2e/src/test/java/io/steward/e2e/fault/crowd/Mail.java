package io.steward.e2e.fault.crowd;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.fault.check.Sent;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Events;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/// Sends events to one session until they are acknowledged, as a careful client does, and keeps
/// what it knows of each attempt. A message that is sent again is another message, because there
/// are no idempotency keys; an answer to a call is the same event each time.
final class Mail {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(1);
  private static final Set<Integer> TRANSIENT = Set.of(408, 409, 429);

  private final Api api;
  private final String sessionId;
  private final long giveUpNanos;
  private final List<Sent> sent = new ArrayList<>();
  private final Map<String, Integer> troubles = new TreeMap<>();

  /// @param patience how long something is tried again
  Mail(Api api, String sessionId, Duration patience) {
    this.api = api;
    this.sessionId = sessionId;
    this.giveUpNanos = System.nanoTime() + patience.toNanos();
  }

  /// Every attempt so far.
  synchronized List<Sent> sent() {
    return List.copyOf(sent);
  }

  /// What was answered instead of 200, and how often.
  synchronized Map<String, Integer> troubles() {
    return Map.copyOf(troubles);
  }

  /// Sends a message until it is acknowledged or found in the list; answers the id of the event.
  String message(String text) {
    List<String> tokens = new ArrayList<>();
    while (true) {
      String token = "msg-" + UUID.randomUUID();
      tokens.add(token);
      Sent attempt =
          attempt("user.message", List.of(token), List.of(Events.message(text + " " + token)));
      if (attempt.fate() == Sent.Fate.ACKNOWLEDGED) {
        return attempt.ids().getFirst();
      }
      String listed = listed(tokens);
      if (!listed.isEmpty()) {
        return listed;
      }
      goOnUnlessRefused(attempt, tokens.size() > 1);
    }
  }

  /// Sends many messages at once, one time.
  void burst(int count, String text) {
    List<String> tokens = new ArrayList<>();
    List<String> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String token = "msg-" + UUID.randomUUID();
      tokens.add(token);
      events.add(Events.message(text + " " + token));
    }
    attempt("user.message", tokens, events);
  }

  /// Allows a call, until that is acknowledged.
  void allow(JsonNode call) {
    answer("user.tool_confirmation", call, Events.confirmation(call, "allow"));
  }

  /// Answers a custom call, until that is acknowledged.
  void result(JsonNode call, String text) {
    answer("user.custom_tool_result", call, Events.customResult(call, text));
  }

  private void answer(String type, JsonNode call, String event) {
    while (true) {
      Sent attempt = attempt(type, List.of(call.path("id").asText()), List.of(event));
      if (attempt.fate() == Sent.Fate.ACKNOWLEDGED) {
        return;
      }
      goOnUnlessRefused(attempt, false);
    }
  }

  private Sent attempt(String type, List<String> tokens, List<String> events) {
    Sent attempt = post(type, tokens, "{\"events\":[" + String.join(",", events) + "]}");
    synchronized (this) {
      sent.add(attempt);
    }
    return attempt;
  }

  /// @param mayHaveChanged whether an earlier attempt may be why this one was refused
  private void goOnUnlessRefused(Sent attempt, boolean mayHaveChanged) {
    if (attempt.fate() == Sent.Fate.REFUSED && !mayHaveChanged) {
      throw new IllegalStateException("refused for good: " + troubles());
    }
    if (System.nanoTime() > giveUpNanos) {
      throw new IllegalStateException(attempt.type() + " is never acknowledged: " + troubles());
    }
    long attempts = sent().stream().filter(each -> each.type().equals(attempt.type())).count();
    Duration pause = PAUSE_MIN.multipliedBy(Math.min(attempts, 10));
    LockSupport.parkNanos((pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause).toNanos());
  }

  /// The id of the listed message that carries one of the tokens; nothing when there is none or the
  /// list is not to be had.
  private String listed(List<String> tokens) {
    try {
      Answer list =
          api.send(
              api.request("/v1/sessions/" + sessionId + "/events?limit=1000")
                  .timeout(ANSWER_MAX)
                  .GET());
      for (JsonNode event : list.body().path("data")) {
        if (tokens.stream().anyMatch(token -> event.path("content").toString().contains(token))) {
          return event.path("id").asText();
        }
      }
    } catch (IOException e) {
      note("list: " + e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return "";
  }

  private Sent post(String type, List<String> tokens, String body) {
    try {
      Answer answer =
          api.send(
              api.request("/v1/sessions/" + sessionId + "/events")
                  .header("content-type", "application/json")
                  .timeout(ANSWER_MAX)
                  .POST(HttpRequest.BodyPublishers.ofString(body)));
      if (answer.status() == 200) {
        List<String> ids = new ArrayList<>();
        answer.body().path("data").forEach(echo -> ids.add(echo.path("id").asText()));
        return new Sent(type, tokens, Sent.Fate.ACKNOWLEDGED, ids);
      }
      String when = answer.header("retry-after").isEmpty() ? " (no retry-after)" : "";
      note(answer.status() + when + " " + answer.errorMessage());
      boolean forGood = answer.status() < 500 && !TRANSIENT.contains(answer.status());
      return new Sent(type, tokens, forGood ? Sent.Fate.REFUSED : Sent.Fate.UNKNOWN, List.of());
    } catch (IOException e) {
      note(e.getClass().getSimpleName() + " " + e.getMessage());
      return new Sent(type, tokens, Sent.Fate.UNKNOWN, List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private synchronized void note(String trouble) {
    troubles.merge(trouble, 1, Integer::sum);
  }
}
