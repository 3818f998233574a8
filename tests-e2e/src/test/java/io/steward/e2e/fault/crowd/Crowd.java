package io.steward.e2e.fault.crowd;

import com.anthropic.client.AnthropicClient;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.fault.check.Evidence;
import io.steward.e2e.fault.check.Hit;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ScriptedModel;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntToDoubleFunction;

/// Twenty sessions at once against one Steward, of all kinds. They survive restarts of that Steward
/// as long as its address stays.
public final class Crowd implements AutoCloseable {
  /// How long clients try before they give up.
  private static final Duration CLIENT_PATIENCE = Duration.ofMinutes(3);

  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private final Api api;
  private final AnthropicClient sdk;
  private final ScriptedModel model;
  private final Agents agents;
  private final Rendezvous rendezvous;
  private final IntToDoubleFunction seconds;
  private final List<Conversation> conversations = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> latecomers = new CompletableFuture<>();

  private Crowd(Stage stage, Agents agents, Rendezvous rendezvous, IntToDoubleFunction seconds) {
    this.api = new Api(stage.steward().baseUrl());
    this.sdk = stage.steward().sdk();
    this.model = stage.model();
    this.agents = agents;
    this.rendezvous = rendezvous;
    this.seconds = seconds;
  }

  /// Creates the sessions and starts their clients.
  ///
  /// @param seconds how long the calls in the step of this number take
  public static Crowd gather(
      Stage stage, Agents agents, Rendezvous rendezvous, IntToDoubleFunction seconds)
      throws Exception {
    Crowd crowd = new Crowd(stage, agents, rendezvous, seconds);
    for (Role role : Role.values()) {
      for (int i = 0; i < role.count() && role != Role.LATE; i++) {
        crowd.join(role);
      }
    }
    Thread.ofVirtual().name("latecomers").start(crowd::joinLate);
    return crowd;
  }

  /// Waits until every session is done.
  ///
  /// @return in words, who is not done at the end of that time, or why it cannot be
  public List<String> awaitDone(Duration patience) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    List<String> missing = new ArrayList<>();
    try {
      latecomers.get(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      missing.add("sessions could not be created: " + e);
    }
    for (Conversation each : conversations) {
      try {
        each.end().get(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        missing.add(label(each) + " while it " + each.doing() + ": " + e.getCause());
      } catch (TimeoutException e) {
        missing.add(label(each) + " is not done after " + patience + ": it " + each.doing());
      }
    }
    return missing;
  }

  /// What is known about every session.
  public List<Evidence> evidence(List<Hit> hits) throws Exception {
    List<Evidence> evidence = new ArrayList<>();
    for (Conversation each : conversations) {
      List<String> refusals = new ArrayList<>(each.part().script().faults());
      refusals.addAll(each.follower().broken());
      List<JsonNode> events =
          api.list("/v1/sessions/" + each.sessionId() + "/events?limit=1000", ANSWER_MAX);
      awaitFollowed(each, events);
      evidence.add(
          new Evidence(
              label(each),
              events,
              api.get("/v1/sessions/" + each.sessionId()).body(),
              each.mail().sent(),
              each.follower().connections(),
              each.follower().seen(),
              each.part().prompts(),
              refusals,
              each.role() == Role.COMPACTING,
              hits));
    }
    return evidence;
  }

  /// How often the model was asked what it had been asked before.
  public int repeatedModelCalls() {
    return conversations.stream().mapToInt(each -> each.part().repeated()).sum();
  }

  /// How long after that time of [System#nanoTime()] the model was asked next.
  public OptionalLong nanosToNextRequest(long afterNanos) {
    return conversations.stream()
        .flatMap(each -> each.part().script().requests().stream())
        .mapToLong(ModelRequest::arrivedNanos)
        .map(arrived -> arrived - afterNanos)
        .filter(nanos -> nanos >= 0)
        .min();
  }

  /// What clients were answered instead of 200, and how often.
  public Map<String, Integer> troubles() {
    Map<String, Integer> all = new TreeMap<>();
    conversations.forEach(each ->
        each.mail().troubles().forEach((what, count) -> all.merge(what, count, Integer::sum)));
    return all;
  }

  /// Deletes the sessions, which frees their sandboxes.
  public void delete() throws Exception {
    for (Conversation each : conversations) {
      Answer answer = api.delete("/v1/sessions/" + each.sessionId());
      if (answer.status() != 200) {
        throw new AssertionError(label(each) + " cannot be deleted: " + answer);
      }
    }
  }

  @Override
  public void close() {
    for (Conversation each : conversations) {
      each.follower().close();
      model.retire(each.part().script());
    }
    sdk.close();
  }

  private void join(Role role) throws Exception {
    ModelPart part = new ModelPart(role, rendezvous, seconds);
    Script script = model.play(part.script());
    Answer answer = api.post("/v1/sessions", agents.session(role));
    if (answer.status() != 200) {
      model.retire(script);
      throw new IOException("no session: " + answer);
    }
    Conversation conversation =
        new Conversation(
            role,
            answer.id(),
            part,
            rendezvous,
            new Mail(api, answer.id(), CLIENT_PATIENCE),
            new Follower(sdk, answer.id()));
    conversations.add(conversation);
    conversation.start();
  }

  private void joinLate() {
    try {
      rendezvous.awaitBegin();
      for (int i = 0; i < Role.LATE.count(); i++) {
        Patience.until(CLIENT_PATIENCE, () -> "a session can be created", this::joinedLate);
      }
      latecomers.complete(null);
    } catch (Exception | AssertionError e) {
      latecomers.completeExceptionally(e);
    }
  }

  private boolean joinedLate() throws Exception {
    try {
      join(Role.LATE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Streams may be a moment behind the list.
  private static void awaitFollowed(Conversation each, List<JsonNode> events)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + ANSWER_MAX.toNanos();
    int version = each.follower().version();
    while (each.follower().seen().size() < events.size() && System.nanoTime() < deadlineNanos) {
      each.follower().awaitChange(version, Duration.ofMillis(200));
      version = each.follower().version();
    }
  }

  private static String label(Conversation each) {
    return each.role() + " " + each.sessionId();
  }
}
