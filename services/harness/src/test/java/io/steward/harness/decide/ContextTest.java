package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.Sessions;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import io.steward.schemas.session.Transcript;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// What compactions and repositories write.
class ContextTest {
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");
  private static final SessionResource.RepositoryResource REPOSITORY =
      new SessionResource.RepositoryResource(
          "sesrsc_1",
          "https://github.com/acme/tool",
          null,
          "/workspace/tool",
          "/workspace/tool",
          "sec_1",
          Instant.EPOCH,
          Instant.EPOCH);

  private static Given small() {
    return new Given()
        .record(
            Sessions.created(
                ID, "cloud", "small", List.of(Sessions.TOOLSET), List.of(), List.of(), null));
  }

  private static Given withRepository() {
    return new Given()
        .record(
            Sessions.created(
                ID,
                "cloud",
                ID.value(),
                List.of(Sessions.TOOLSET),
                List.of(),
                List.of(REPOSITORY),
                null));
  }

  /// A conversation beyond the threshold of the small model: 100 tokens, 60 per cent.
  private static Given full() {
    Given given = small().asked();
    ModelOutcome.Replied reply =
        new ModelOutcome.Replied(
            List.of(Given.text("Long ago. ".repeat(20))),
            java.util.Map.of(),
            "end_turn",
            null,
            new RequestUsage(80, 5, 0, 0),
            java.util.Map.of());
    String span = ((Step.AwaitModel) given.next()).spanId();
    given.readBack(given.replies.replied(given.live(), span, reply, Given.NOW));
    given.readBack(given.steps.endTurn(given.live(), (Step.EndTurn) given.next(), Given.NOW));
    given.said("And now?");
    return given.readBack(
        given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW));
  }

  @Test
  void a_full_context_is_compacted_before_the_model_is_asked() {
    Given given = full();

    assertInstanceOf(Step.Compact.class, given.next());
    assertTrue(given.session instanceof Session.Running);
  }

  @Test
  void a_summary_is_written_and_the_model_asked_at_once() {
    Given given = full();

    Decision decision =
        given.steps.compacted(
            given.live(), (Step.Compact) given.next(), "In short", RequestUsage.NONE, Given.NOW);

    assertEquals(
        List.of("context.summary", "agent.thread_context_compacted", "span.model_request_start"),
        Given.types(decision));
    given.readBack(decision);
    assertEquals(
        new Transcript.Summary("In short"), given.live().facts().transcript().entries().getFirst());
  }

  @Test
  void a_refused_length_is_not_an_error_but_a_reason_to_compact() {
    Given given = full();
    given.readBack(
        given.steps.compacted(
            given.live(), (Step.Compact) given.next(), "In short", RequestUsage.NONE, Given.NOW));
    FailureDecisions failures =
        new FailureDecisions(given::id, Given.LIMITS, RandomGenerator.getDefault());
    ModelOutcome.Failed failed =
        new ModelOutcome.Failed(
            ModelFailure.of(ModelFailure.Kind.CONTEXT_EXCEEDED, "Too long."), RequestUsage.NONE);

    String span = ((Step.AwaitModel) given.next()).spanId();
    Decision decision = failures.failed((Session.Running) given.live(), span, failed, Given.NOW);

    assertEquals(List.of("span.model_request_end", "context.exceeded"), Given.types(decision));
  }

  @Test
  void compacting_that_does_not_help_ends_the_turn() {
    Given given = full();
    Decision decision =
        given.steps.stopCompactions(given.live(), new Step.StopCompactions(2), Given.NOW);

    SessionEvent.SessionError error =
        Given.events(decision, SessionEvent.SessionError.class).getFirst();
    assertEquals(ErrorDetail.COMPACTION_LIMIT_REACHED, error.error().type());
    assertEquals(ErrorDetail.Kind.EXHAUSTED, error.error().retryStatus().type());
  }

  @Test
  void the_model_waits_for_repositories_and_calls_see_them() {
    Given given = withRepository();
    RepositoryDecisions repositories = new RepositoryDecisions(given::id, given.steps);
    Step.AwaitRepositories early = (Step.AwaitRepositories) given.next();
    Decision clone = repositories.clone(given.live(), early.pending(), Given.NOW);
    assertEquals("sec_1", ((EgressCommand.CloneRepository) clone.egress().getFirst()).secretId());
    given.said("Hi");
    given.readBack(given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW));
    assertInstanceOf(Step.AwaitRepositories.class, given.next());

    Decision settled =
        repositories.settled(
            given.live(),
            List.of(new RepositoryResult(ID, "sesrsc_1", "clone_1", "key", null, null)),
            Given.NOW);

    assertEquals(List.of("repository.settled", "span.model_request_start"), Given.types(settled));
    given.readBack(settled);
    String span = ((Step.AwaitModel) given.next()).spanId();
    Decision reply =
        given.replies.replied(
            given.live(), span, Given.reply("tool_use", Given.call("toolu_1", "bash")), Given.NOW);
    SandboxCommand.RunTool run = (SandboxCommand.RunTool) reply.commands().getFirst();
    assertEquals(
        List.of(new SandboxMount.RepositoryMount("/workspace/tool", "sesrsc_1", "key")),
        run.mounts());
  }

  @Test
  void a_session_goes_on_without_a_repository_that_cannot_be_had() {
    Given given = withRepository().said("Hi");
    given.readBack(given.steps.startTurn(given.live(), (Step.StartTurn) given.next(), Given.NOW));
    RepositoryDecisions repositories = new RepositoryDecisions(given::id, given.steps);

    Decision decision =
        repositories.givenUp(given.live(), (Step.AwaitRepositories) given.next(), Given.NOW);

    SessionEvent.SessionError error =
        Given.events(decision, SessionEvent.SessionError.class).getFirst();
    assertEquals(ErrorDetail.REPOSITORY_CLONE, error.error().type());
    assertEquals(ErrorDetail.Kind.RETRYING, error.error().retryStatus().type());
    assertEquals("https://github.com/acme/tool", error.error().repositoryUrl());
    assertEquals("span.model_request_start", Given.types(decision).getLast());
  }
}
