package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.Decision;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.RecordReader;
import io.steward.harness.metric.Metrics;
import io.steward.harness.request.Searcher;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.harness.trace.Spans;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Admission;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// One session in a small world under one seed: a log, a client, a model, a sandbox that runs a
/// call at most once, and an owner that may crash at any moment, be refused, or learn late.
final class World {
  private static final TurnLimits LIMITS =
      new TurnLimits(
          6,
          3,
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          2,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1));
  private static final McpServer TRACKER = new McpServer("tracker", "https://mcp.example.com/mcp");
  private static final List<String> CALLED =
      List.of(
          "bash",
          "read",
          "weather",
          "nuke",
          "web_fetch",
          "web_search",
          "mcp__tracker__search",
          "mcp__tracker__fly");
  static final SessionResource REPOSITORY =
      new SessionResource.RepositoryResource(
          "sesrsc_1",
          "https://github.com/acme/tool",
          null,
          "/workspace/tool",
          "/workspace/tool",
          null,
          Instant.EPOCH,
          Instant.EPOCH);
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");

  private final Random random;
  private final StepPerformer performer;
  private final List<LoggedRecord> log = new ArrayList<>();
  private final Map<String, SandboxCommand.RunTool> commanded = new LinkedHashMap<>();
  private final Outside outside;
  private final Deque<EgressCommand.SearchWeb> searches = new ArrayDeque<>();
  private final List<RecordReader.Answer> results = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-20T12:00:00Z");
  private Session session = Session.ABSENT;
  private OwnedSession owned = owned();
  private int read;
  private int delivered;
  private int ids;
  private ResultsCursor cursor = new ResultsCursor();
  private long committedResults;
  private StepPerformer.Performance.@Nullable Decided underWay;

  World(long seed) {
    random = new Random(seed);
    outside = new Outside(random);
    IdSource source = prefix -> prefix + ++ids;
    Searcher searcher = Searcher.values()[random.nextInt(Searcher.values().length)];
    StepDecisions steps = new StepDecisions(source, LIMITS, Sessions.MODELS, searcher);
    performer =
        new StepPerformer(
            steps,
            new ReplyDecisions(source, searcher),
            new FailureDecisions(source, LIMITS, random),
            new RepositoryDecisions(source, steps),
            new McpDecisions(source, steps));
    PermissionPolicy policy =
        random.nextBoolean()
            ? new PermissionPolicy.AlwaysAllow()
            : new PermissionPolicy.AlwaysAsk();
    append(
        Sessions.created(
            ID,
            "cloud",
            random.nextInt(3) == 0 ? "small" : ID.value(),
            List.of(
                Sessions.toolset(policy),
                Sessions.custom("weather"),
                Sessions.mcpToolset(TRACKER.name(), policy)),
            List.of(TRACKER),
            random.nextInt(3) == 0 ? List.of(REPOSITORY) : List.of(),
            random.nextInt(3) == 0 ? Budget.limit(new Money("3", Money.USD)) : null));
  }

  private static OwnedSession owned() {
    return new OwnedSession(
        ID,
        new TurnWatch(
            new ToolForecast(Speculation.OFF),
            new Metrics(new SimpleMeterRegistry(), ModelCatalog.shipped()),
            InstantSource.system(),
            Spans.off().session()));
  }

  Session session() {
    return session;
  }

  /// Where everybody stands, for a failed test.
  String explain() {
    String phase = session instanceof Session.Running running ? running.phase().toString() : "";
    return session.getClass().getSimpleName()
        + " "
        + phase
        + " step="
        + Step.next(session, Step.Limits.UNBOUNDED)
        + " free="
        + owned.isFree()
        + " read="
        + read
        + "/"
        + log.size()
        + " results="
        + delivered
        + "/"
        + results.size()
        + " commanded="
        + commanded.keySet()
        + " by owner "
        + owned.commanded()
        + " arrivals="
        + owned.arrivals();
  }

  List<LoggedRecord> log() {
    return log;
  }

  private void append(SessionRecord body) {
    LoggedRecord record = new LoggedRecord(ID, "rec_" + log.size(), log.size(), now, body);
    log.add(record);
    session = session.apply(record);
  }

  /// Anything may happen.
  void stir() {
    switch (random.nextInt(16)) {
      case 0 -> send(new SessionEvent.UserMessage(id(), text("m"), null));
      case 1 -> {
        if (random.nextInt(3) == 0) {
          send(new SessionEvent.UserInterrupt(id(), null, null));
        }
      }
      case 2 -> answerOne();
      case 3 -> {
        if (random.nextInt(6) == 0) {
          crash();
        }
      }
      case 4 -> now = now.plusMillis(random.nextInt(400) - 50);
      case 5 -> duplicateResult();
      default -> work(random.nextInt(8) == 0);
    }
  }

  /// Everybody does their part and nothing goes wrong.
  void calm() {
    now = now.plusMillis(100);
    answerOne();
    for (int i = 0; i < 12; i++) {
      work(false);
    }
  }

  private void work(boolean refused) {
    switch (random.nextInt(6)) {
      case 0, 1 -> readOne();
      case 2 -> decide();
      case 3 -> commit(refused);
      case 4 -> answerModel();
      default -> runTool();
    }
  }

  private void readOne() {
    if (read < log.size()) {
      owned.fold(log.get(read++), 1);
    }
    if (delivered < results.size()) {
      cursor.received(delivered);
      owned.arrived(new Arrival(delivered, results.get(delivered)));
      cursor.readUpTo(++delivered);
    }
  }

  private void decide() {
    if (!owned.isFree() || underWay != null) {
      return;
    }
    owned.dropArrivals(cursor::settled);
    StepPerformer.Performance performance = performer.perform(owned, now, true);
    if (performance instanceof StepPerformer.Performance.Summarise summarise) {
      owned.calling(calling(summarise.callId()));
    } else if (performance instanceof StepPerformer.Performance.Search search) {
      search.searches().forEach(this::search);
    } else if (performance instanceof StepPerformer.Performance.Decided decided) {
      underWay = decided;
      owned.writing();
      String span = decided.decision().spanId();
      if (span != null) {
        owned.opening(calling(span));
      }
    }
  }

  private void search(EgressCommand.SearchWeb search) {
    assertFalse(owned.isSearching(search.toolUseId()), "searched twice at once: " + search);
    owned.searching(search.toolUseId(), Thread.ofVirtual().unstarted(() -> {}));
    searches.add(search);
  }

  private static ModelCall calling(String id) {
    return new ModelCall(id, Thread.ofVirtual().unstarted(() -> {}));
  }

  private void commit(boolean refused) {
    StepPerformer.Performance.Decided decided = underWay;
    if (decided == null) {
      return;
    }
    underWay = null;
    Decision decision = decided.decision();
    if (refused) {
      owned.refused(decision.spanId());
      return;
    }
    write(decided);
    cursor.settled(offsets(decided));
    owned.committed(decision.records().isEmpty() ? -1 : log.size() - 1);
    owned.commanded().committed(decision);
  }

  private void write(StepPerformer.Performance.Decided decided) {
    Decision decision = decided.decision();
    committedResults = cursor.positionAfter(offsets(decided));
    decision.records().forEach(record -> append(record.body()));
    for (SandboxCommand command : decision.commands()) {
      if (command instanceof SandboxCommand.RunTool run) {
        commanded.putIfAbsent(run.toolUseId(), run);
      }
    }
    decision.egress().forEach(outside::take);
  }

  private static List<Long> offsets(StepPerformer.Performance.Decided decided) {
    return decided.used().stream().map(Arrival::offset).toList();
  }

  /// The owner is gone; what it was writing may have been written. The next one knows the log.
  private void crash() {
    if (underWay != null && random.nextBoolean()) {
      write(underWay);
    }
    underWay = null;
    owned = owned();
    searches.clear();
    owned.seed(new FoldedSession(session, 1));
    read = log.size();
    delivered = Math.toIntExact(committedResults);
    cursor = new ResultsCursor();
    cursor.start(committedResults);
  }

  private void answerModel() {
    ModelCall call = owned.call();
    if (call != null && call.outcome() == null) {
      call.answered(outcome());
    }
  }

  private ModelOutcome outcome() {
    RequestUsage usage = new RequestUsage(random.nextInt(100), random.nextInt(100), 0, 0);
    return switch (random.nextInt(11)) {
      case 10 ->
          new ModelOutcome.Failed(
              ModelFailure.of(ModelFailure.Kind.CONTEXT_EXCEEDED, "Too long."), RequestUsage.NONE);
      case 0 ->
          new ModelOutcome.Failed(
              ModelFailure.of(ModelFailure.Kind.OVERLOADED, "Overloaded."), RequestUsage.NONE);
      case 1 ->
          new ModelOutcome.Failed(
              ModelFailure.of(ModelFailure.Kind.REFUSED, "Refused."), RequestUsage.NONE);
      case 2 -> new ModelOutcome.Replied(List.of(), Map.of(), "refusal", null, usage, Map.of());
      case 3, 4, 5, 6 -> {
        List<JsonNode> calls = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
          calls.add(call());
        }
        yield new ModelOutcome.Replied(calls, Map.of(), "tool_use", null, usage, Map.of());
      }
      default -> {
        JsonNode text = JsonNodeFactory.instance.objectNode().put("type", "text").put("text", "ok");
        yield new ModelOutcome.Replied(List.of(text), Map.of(), "end_turn", null, usage, Map.of());
      }
    };
  }

  private JsonNode call() {
    String name = CALLED.get(random.nextInt(CALLED.size()));
    ObjectNode call = JsonNodeFactory.instance.objectNode();
    call.put("type", "tool_use").put("id", "toolu_" + ++ids).put("name", name);
    call.putObject("input");
    return call;
  }

  private void runTool() {
    outside.answer().ifPresent(results::add);
    EgressCommand.SearchWeb search = searches.poll();
    if (search != null && owned.isSearching(search.toolUseId())) {
      owned.arrived(
          new Arrival(Arrival.OURS, Outside.done(search.sessionId(), search.toolUseId())));
    }
    for (SandboxCommand.RunTool run : commanded.values()) {
      if (results.stream().noneMatch(result -> answers(result, run))) {
        results.add(new RecordReader.Answer.Tool(Stage.result(run, "out")));
        return;
      }
    }
  }

  private static boolean answers(RecordReader.Answer answer, SandboxCommand.RunTool run) {
    return answer instanceof RecordReader.Answer.Tool(ToolResult result)
        && result.toolUseId().equals(run.toolUseId());
  }

  private void duplicateResult() {
    if (!results.isEmpty()) {
      results.add(results.get(random.nextInt(results.size())));
    }
  }

  private void answerOne() {
    for (ToolCall call : calls()) {
      if (call.state() == ToolCall.State.AWAITING_CONFIRMATION) {
        SessionEvent.Verdict verdict =
            random.nextBoolean() ? SessionEvent.Verdict.ALLOW : SessionEvent.Verdict.DENY;
        send(new SessionEvent.UserToolConfirmation(id(), call.id(), verdict, null, null));
        return;
      }
      if (call.state() == ToolCall.State.AWAITING_CLIENT) {
        send(new SessionEvent.UserCustomToolResult(id(), call.id(), text("rain"), null, now));
        return;
      }
    }
  }

  private List<ToolCall> calls() {
    return switch (session) {
      case Session.Idle idle -> idle.calls();
      case Session.Running running when running.phase() instanceof Phase.ToolsOpen open ->
          open.calls();
      default -> List.of();
    };
  }

  private void send(SessionEvent.ClientEvent event) {
    if (Admission.of(session, List.of(event)) instanceof Admission.Admitted admitted) {
      append(new SessionRecord.EventsSent(admitted.append()));
    }
  }

  private String id() {
    return "sevt_c" + ++ids;
  }

  private static List<ContentBlock> text(String text) {
    return List.of(new ContentBlock.Text(text));
  }
}
