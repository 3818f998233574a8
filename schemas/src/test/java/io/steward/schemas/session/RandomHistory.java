package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One random life of a session, the same for the same seed. A client acts at will, well and badly;
/// the harness performs its steps late, after clients have changed the state it decided about. At
/// the end the client is silent and the harness performs whatever is left.
final class RandomHistory {
  private static final int ACTIONS = 60;

  private final RandomGenerator random;
  private final Story story;
  private final boolean obsessed;
  private int nextId;

  private RandomHistory(long seed) {
    random = new SplittableRandom(seed);
    obsessed = random.nextInt(8) == 0;
    boolean selfHosted = random.nextInt(4) == 0;
    SessionEvent[] initial =
        random.nextInt(4) == 0
            ? new SessionEvent[] {Wire.message(id("m")), Wire.message(id("m"))}
            : new SessionEvent[0];
    SessionRecord.Created created =
        Wire.created(
            selfHosted ? Wire.SELF_HOSTED : Wire.CLOUD,
            random.nextInt(3) == 0 ? Wire.budget(20 + random.nextInt(60)) : null,
            random.nextInt(3) == 0 ? List.of(Wire.repository("sesrsc_1")) : List.of(),
            initial);
    story = Story.of(random.nextInt(3) == 0 ? Wire.withTracker(created) : created);
  }

  /// The history of `seed`, complete.
  static RandomHistory of(long seed) {
    RandomHistory history = new RandomHistory(seed);
    for (int i = 0; i < ACTIONS; i++) {
      history.act();
    }
    history.quiet();
    return history;
  }

  Story story() {
    return story;
  }

  List<LoggedRecord> log() {
    return story.log();
  }

  private void act() {
    if (random.nextInt(3) == 0) {
      client();
      return;
    }
    Step step = story.step();
    while (random.nextInt(4) == 0) { // The harness decided, and the client is faster.
      client();
    }
    perform(step);
  }

  private void quiet() {
    for (int i = 0; i < 1000; i++) {
      Step step = story.step();
      if (step instanceof Step.Rest) {
        return;
      }
      if (step instanceof Step.AwaitModel) {
        story.answering(new Reply.Says("Done."));
      }
      story.performed(step);
    }
  }

  private void perform(Step step) {
    boolean gone = !(story.session() instanceof Session.Live);
    if (gone && !(step instanceof Step.AnnounceDeleted)) {
      return;
    }
    if (step instanceof Step.AwaitModel) {
      boolean stillOpen = story.session() instanceof Session.Running;
      if (!stillOpen) {
        return;
      }
      story.answering(reply());
    }
    story.performed(step);
  }

  private Reply reply() {
    if (obsessed) { // Such a model calls tools until it is stopped.
      return new Reply.Calls(Reply.allowed(id("t")));
    }
    return switch (random.nextInt(14)) {
      case 12 -> new Reply.Exceeds();
      case 13 -> new Reply.CutOff();
      case 0 -> new Reply.Refuses();
      case 1 -> new Reply.FailsOnce();
      case 2 -> new Reply.FailsForGood();
      case 3 -> new Reply.Pauses();
      case 4 -> random.nextInt(4) == 0 ? new Reply.FailsTerminally() : new Reply.FailsOnce();
      case 5, 6, 7, 8, 9 -> calls();
      default -> new Reply.Says("Done.");
    };
  }

  private Reply calls() {
    List<Reply.Call> calls = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String id = id("t");
      Permission permission = Permission.values()[random.nextInt(3)];
      calls.add(
          switch (random.nextInt(4)) {
            case 0 -> Reply.custom(id);
            case 1 -> new Reply.Mcp(id, permission);
            default -> new Reply.BuiltIn(id, permission);
          });
    }
    return new Reply.Calls(calls);
  }

  private void client() {
    int what = random.nextInt(40);
    if (what == 0) {
      story.record(new SessionRecord.ArchiveRequested(story.now()));
    } else if (what == 1 && random.nextInt(3) == 0) {
      story.record(new SessionRecord.DeleteRequested(story.now()));
    } else if (what < 4) {
      story.record(
          new SessionRecord.UpdateRequested(
              JsonNodeFactory.instance.textNode(id("title")),
              random.nextBoolean() ? null : Map.of("k", id("v")),
              random.nextBoolean() ? null : Wire.agent(id("Agent")),
              budget(),
              story.now()));
    } else if (what < 6) {
      resource();
    } else {
      send();
    }
  }

  private @Nullable JsonNode budget() {
    return switch (random.nextInt(4)) {
      case 0 -> JsonNodeFactory.instance.nullNode();
      case 1, 2 -> Json.tree(Wire.budget(random.nextInt(400)));
      default -> null;
    };
  }

  private void resource() {
    SessionRecord request =
        switch (random.nextInt(4)) {
          case 0 -> new SessionRecord.ResourceDeleteRequested("sesrsc_2", story.now());
          case 1 -> new SessionRecord.ResourceUpdateRequested("sesrsc_1", id("sec"), story.now());
          default ->
              new SessionRecord.ResourceAddRequested(
                  Wire.file("sesrsc_2", "/a" + random.nextInt(3)), story.now());
        };
    story.record(request);
  }

  /// One send. Usually it was validated against the state; sometimes against an older one, and lost
  /// a race.
  private void send() {
    List<SessionEvent.ClientEvent> events = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      events.add(event());
    }
    switch (Admission.of(story.session(), events)) {
      case Admission.Admitted(var _, List<SessionEvent> append) when !append.isEmpty() ->
          story.record(new SessionRecord.EventsSent(append));
      case Admission.Admitted _ -> {}
      case Admission.Refused _ -> {
        boolean race = random.nextInt(4) == 0 && events.stream().noneMatch(this::opensTheDoor);
        if (race) {
          story.record(new SessionRecord.EventsSent(List.copyOf(events)));
        }
      }
    }
  }

  /// A message that raced with the question for the client is queued; that is a state of its own.
  private boolean opensTheDoor(SessionEvent event) {
    return event instanceof SessionEvent.UserInterrupt;
  }

  private SessionEvent.ClientEvent event() {
    List<ToolCall> calls =
        story.session() instanceof Session.Live live ? Calls.of(live) : List.of();
    boolean answers = !calls.isEmpty() && random.nextInt(3) != 0;
    if (!answers) {
      return switch (random.nextInt(6)) {
        case 0 -> Wire.interrupt(id("i"));
        case 1 -> Wire.system(id("s"));
        default -> Wire.message(id("m"));
      };
    }
    ToolCall call = calls.get(random.nextInt(calls.size()));
    return switch (random.nextInt(4)) {
      case 0 -> Wire.allow(call.id());
      case 1 -> Wire.deny(call.id());
      case 2 -> Wire.workerResult(call.id(), story.now());
      default -> Wire.customResult(call.id(), story.now());
    };
  }

  private String id(String prefix) {
    return prefix + nextId++;
  }
}
