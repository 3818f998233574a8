package io.steward.e2e.fault.crowd;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.fault.check.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// The client of one session: sends the first message, allows and answers calls, waits until the
/// session is idle by itself, and when the fault is over asks for a report.
final class Conversation {
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int BURSTS = 2;
  private static final int BURST_EVENTS = 15;

  private final Role role;
  private final String sessionId;
  private final ModelPart part;
  private final Rendezvous rendezvous;
  private final Mail mail;
  private final Follower follower;
  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> answered = new HashSet<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private volatile String doing = "begins";
  private boolean hasCalled;

  Conversation(
      Role role,
      String sessionId,
      ModelPart part,
      Rendezvous rendezvous,
      Mail mail,
      Follower follower) {
    this.role = role;
    this.sessionId = sessionId;
    this.part = part;
    this.rendezvous = rendezvous;
    this.mail = mail;
    this.follower = follower;
  }

  String sessionId() {
    return sessionId;
  }

  Role role() {
    return role;
  }

  ModelPart part() {
    return part;
  }

  Mail mail() {
    return mail;
  }

  Follower follower() {
    return follower;
  }

  /// What it does or waits for, for messages.
  String doing() {
    return doing;
  }

  /// Completes when the session is done, with an exception when its client cannot go on.
  CompletableFuture<Void> end() {
    return end;
  }

  void start() {
    follower.start();
    Thread.ofVirtual().name("client of " + sessionId).start(this::run);
  }

  private void run() {
    try {
      if (role == Role.TALKING && rendezvous.isAbout(Moment.DURING_PROJECTION)) {
        flood();
      }
      say(part.script().marked("Begin"));
      doing = "works on its first message";
      awaitIdle();
      doing = "waits for the end of the fault";
      awaitOver();
      doing = "asks for the report";
      say(part.reportRequest());
      doing = "waits for the report";
      awaitIdle();
      doing = "is done";
      end.complete(null);
    } catch (InterruptedException | RuntimeException e) {
      end.completeExceptionally(e);
    }
  }

  /// Many events in a short time: with the first acknowledgement their projection begins.
  private void flood() {
    for (int i = 0; i < BURSTS; i++) {
      mail.burst(BURST_EVENTS, part.script().marked("x".repeat(1_000)));
      rendezvous.arrive(Moment.DURING_PROJECTION);
    }
    mail.sent().stream()
        .filter(sent -> sent.fate() == Sent.Fate.ACKNOWLEDGED)
        .forEach(sent -> acknowledged.addAll(sent.ids()));
  }

  private void say(String text) {
    acknowledged.add(mail.message(text));
  }

  private void awaitIdle() throws InterruptedException {
    boolean queued = role != Role.QUEUED;
    while (true) {
      int version = follower.version();
      List<JsonNode> seen = follower.seen();
      List<JsonNode> calls = calls(seen);
      if (!calls.isEmpty() && !hasCalled) {
        hasCalled = true;
        rendezvous.arrive(Moment.AFTER_A_TOOL_COMMAND);
      }
      calls.stream().filter(call -> isWaiting(call, seen)).forEach(this::answer);
      if (!queued && !calls.isEmpty()) {
        say(part.script().marked("And then"));
        queued = true;
      }
      if (isIdle(seen) && queued) {
        return;
      }
      follower.awaitChange(version, LOOK);
    }
  }

  private void awaitOver() throws InterruptedException {
    while (!rendezvous.isOver()) {
      follower.awaitChange(follower.version(), LOOK);
    }
  }

  private boolean isIdle(List<JsonNode> seen) {
    if (seen.isEmpty() || !isEndOfTurn(seen.getLast())) {
      return false;
    }
    Set<String> processed = new HashSet<>();
    for (JsonNode event : seen) {
      if (event.path("processed_at").isTextual()) {
        processed.add(event.path("id").asText());
      }
    }
    return processed.containsAll(acknowledged);
  }

  private static boolean isEndOfTurn(JsonNode event) {
    return event.path("type").asText().equals("session.status_idle")
        && !event.at("/stop_reason/type").asText().equals("requires_action");
  }

  private static List<JsonNode> calls(List<JsonNode> seen) {
    List<JsonNode> calls = new ArrayList<>();
    for (JsonNode event : seen) {
      String type = event.path("type").asText();
      if (type.equals("agent.tool_use") || type.equals("agent.custom_tool_use")) {
        calls.add(event);
      }
    }
    return calls;
  }

  /// Whether the call waits for this client.
  private boolean isWaiting(JsonNode call, List<JsonNode> seen) {
    boolean mine =
        call.path("type").asText().equals("agent.custom_tool_use")
            || call.path("evaluated_permission").asText().equals("ask");
    return mine
        && !answered.contains(call.path("id").asText())
        && seen.stream().anyMatch(Conversation::asksForAction);
  }

  private static boolean asksForAction(JsonNode event) {
    return event.at("/stop_reason/type").asText().equals("requires_action");
  }

  private void answer(JsonNode call) {
    String before = doing;
    if (call.path("type").asText().equals("agent.tool_use")) {
      rendezvous.hold(Moment.WAITING_FOR_A_CONFIRMATION);
      doing = "allows " + call.path("id");
      mail.allow(call);
    } else {
      doing = "answers " + call.path("id");
      mail.result(call, "looked up " + call.at("/input/about").asText());
    }
    answered.add(call.path("id").asText());
    doing = before;
  }
}
