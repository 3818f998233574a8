package io.steward.e2e.stage;

import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsSessionEvent;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsStreamSessionEvents;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsTextBlock;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsUserInterruptEventParams;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsUserMessageEventParams;
import com.anthropic.models.beta.sessions.events.EventListParams;
import com.anthropic.models.beta.sessions.events.EventSendParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// A session as its user sees it: sends through the official client, and everything that arrives on
/// the official client's stream, in order. Every event that arrives is validated by the client's
/// own types.
public final class OpenSession implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int DESCRIBED_CHARACTERS_MAX = 2000;

  private final Stage stage;
  private final String id;
  private final Script script;
  private final StreamResponse<BetaManagedAgentsStreamSessionEvents> stream;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<JsonNode> seen = new ArrayList<>();
  private final List<Long> seenAtNanos = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();
  private boolean ended;
  private int consumed;

  private OpenSession(
      Stage stage,
      String id,
      Script script,
      StreamResponse<BetaManagedAgentsStreamSessionEvents> stream) {
    this.stage = stage;
    this.id = id;
    this.script = script;
    this.stream = stream;
  }

  /// Opens the stream of an existing session.
  @SuppressWarnings("MustBeClosedChecker") // the session closes its stream
  public static OpenSession attach(Stage stage, String id, Script script) {
    OpenSession session =
        new OpenSession(
            stage, id, script, stage.sdk().beta().sessions().events().streamStreaming(id));
    Thread.ofVirtual().name("stream of " + id).start(session::read);
    return session;
  }

  public String id() {
    return id;
  }

  public Script script() {
    return script;
  }

  /// Sends a message; the first one carries the script's marker. Answers the echo.
  public JsonNode send(String text) {
    return send(message(text)).getFirst();
  }

  public JsonNode interrupt() {
    return send(EventSendParams.builder().sessionId(id).addEvent(interruption()).build())
        .getFirst();
  }

  /// Steers: an interrupt and a message in one send.
  public List<JsonNode> interruptAndSend(String text) {
    return send(
        EventSendParams.builder()
            .sessionId(id)
            .addEvent(interruption())
            .addEvent(userMessage(text))
            .build());
  }

  public List<JsonNode> send(EventSendParams params) {
    List<JsonNode> echoes = new ArrayList<>();
    stage
        .sdk()
        .beta()
        .sessions()
        .events()
        .send(params)
        .validate()
        .data()
        .orElse(List.of())
        .forEach(echo -> echoes.add(Stage.json(echo)));
    return echoes;
  }

  /// The next event of this type that was not awaited before.
  public JsonNode await(String type) throws InterruptedException {
    return await(type, DEADLINE, event -> true);
  }

  /// The next event of this type that fulfils the condition and was not awaited before.
  public JsonNode await(String type, Duration deadline, Predicate<JsonNode> condition)
      throws InterruptedException {
    long nanos = deadline.toNanos();
    lock.lock();
    try {
      while (true) {
        while (consumed < seen.size()) {
          JsonNode event = seen.get(consumed++);
          if (event.path("type").asText().equals(type) && condition.test(event)) {
            return event;
          }
        }
        if (nanos <= 0 || ended) {
          throw new AssertionError("no " + type + " within " + deadline + describe());
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the turn is over and answers its last event.
  public JsonNode awaitIdle() throws InterruptedException {
    return await("session.status_idle");
  }

  /// Waits until the turn is over, which may take long.
  public JsonNode awaitIdle(Duration deadline) throws InterruptedException {
    return await("session.status_idle", deadline, event -> true);
  }

  /// Posts events, each as JSON, and answers whatever comes back.
  public Answer post(String... events) throws Exception {
    return stage
        .api()
        .post("/v1/sessions/" + id + "/events", "{\"events\":[" + String.join(",", events) + "]}");
  }

  /// Posts an update of the session as JSON and answers whatever comes back.
  public Answer update(String json) throws Exception {
    return stage.api().post("/v1/sessions/" + id, json);
  }

  /// Sends a message and waits until its turn is over.
  public JsonNode turn(String text) throws InterruptedException {
    send(text);
    return awaitIdle();
  }

  /// Waits until the server has ended the stream.
  public void awaitEnd() throws InterruptedException {
    long nanos = DEADLINE.toNanos();
    lock.lock();
    try {
      while (!ended) {
        if (nanos <= 0) {
          throw new AssertionError("the stream did not end" + describe());
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// All events that arrived so far.
  public List<JsonNode> seen() {
    lock.lock();
    try {
      return List.copyOf(seen);
    } finally {
      lock.unlock();
    }
  }

  /// The types of all events that arrived so far.
  public List<String> seenTypes() {
    return types(seen());
  }

  /// When the awaited event of this id arrived, as [System#nanoTime()].
  public long arrivalNanos(JsonNode event) {
    lock.lock();
    try {
      return seenAtNanos.get(seen.indexOf(event));
    } finally {
      lock.unlock();
    }
  }

  /// The whole list of events, oldest first.
  public List<JsonNode> listed() {
    List<JsonNode> events = new ArrayList<>();
    for (BetaManagedAgentsSessionEvent event :
        stage
            .sdk()
            .beta()
            .sessions()
            .events()
            .list(EventListParams.builder().sessionId(id).limit(1000).build())
            .autoPager()) {
      events.add(Stage.json(event.validate()));
    }
    return events;
  }

  /// The listed events of this type.
  public List<JsonNode> listed(String type) {
    return listed().stream().filter(event -> event.path("type").asText().equals(type)).toList();
  }

  /// The session as `GET` answers it.
  public JsonNode get() {
    return Stage.json(stage.sdk().beta().sessions().retrieve(id).validate());
  }

  /// The types of these events, in order.
  public static List<String> types(List<JsonNode> events) {
    return events.stream().map(event -> event.path("type").asText()).toList();
  }

  /// The text of a message or tool result.
  public static String text(JsonNode event) {
    StringBuilder text = new StringBuilder();
    event.path("content").forEach(block -> text.append(block.path("text").asText()));
    return text.toString();
  }

  /// What happened, for a test that fails: events, faults of the model, logs.
  public String describe() {
    StringBuilder text = new StringBuilder("\n--- events of " + id + "\n");
    seen().forEach(event -> text.append(shortened(event.toString())).append('\n'));
    broken.forEach(fault -> text.append("BROKEN ").append(fault).append('\n'));
    script.faults().forEach(fault -> text.append("FAULT ").append(fault).append('\n'));
    return text.append(stage.running().logTail()).toString();
  }

  private static String shortened(String event) {
    return event.length() <= DESCRIBED_CHARACTERS_MAX
        ? event
        : event.substring(0, DESCRIBED_CHARACTERS_MAX) + "...";
  }

  /// What was wrong with the stream or with the requests to the model; empty when all was well.
  public List<String> faults() {
    lock.lock();
    try {
      List<String> faults = new ArrayList<>(broken);
      faults.addAll(script.faults());
      return faults;
    } finally {
      lock.unlock();
    }
  }

  /// Closes the stream. A fault on the stream or in a request to the model fails the test.
  @Override
  public void close() {
    List<String> faults = faults();
    stream.close();
    if (!faults.isEmpty()) {
      throw new AssertionError(faults + describe());
    }
  }

  private EventSendParams message(String text) {
    return EventSendParams.builder().sessionId(id).addEvent(userMessage(text)).build();
  }

  private BetaManagedAgentsUserMessageEventParams userMessage(String text) {
    boolean first = script.requests().isEmpty();
    return BetaManagedAgentsUserMessageEventParams.builder()
        .addContent(
            BetaManagedAgentsTextBlock.builder().text(first ? script.marked(text) : text).build())
        .build();
  }

  private static BetaManagedAgentsUserInterruptEventParams interruption() {
    return BetaManagedAgentsUserInterruptEventParams.builder().build();
  }

  private void read() {
    try {
      stream.stream().forEach(this::arrived);
    } catch (RuntimeException e) {
      // The end of the stream: by the server, or because this session was closed.
    } finally {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void arrived(BetaManagedAgentsStreamSessionEvents event) {
    long now = System.nanoTime();
    lock.lock();
    try {
      try {
        event.validate();
      } catch (RuntimeException e) {
        broken.add(e + " in " + event);
      }
      seen.add(Stage.json(event));
      seenAtNanos.add(now);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
