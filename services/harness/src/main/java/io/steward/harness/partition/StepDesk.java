package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.metric.Metrics;
import io.steward.harness.request.ModelRequest;
import io.steward.harness.trace.ModelSpan;
import io.steward.harness.trace.SessionSpans;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.jboss.logging.Logger;

/// Decides for one session at a time and starts the model requests that follow, without waiting for
/// the log. A session on which a decision fails is ended; one failure stops nobody else.
final class StepDesk {
  private static final Logger LOG = Logger.getLogger(StepDesk.class);

  private final StepPerformer performer;
  private final ModelCalls calls;
  private final LoopSettings settings;
  private final Consumer<Mail> replies;
  private boolean asking = true;

  StepDesk(
      StepPerformer performer, ModelCalls calls, LoopSettings settings, Consumer<Mail> replies) {
    this.performer = performer;
    this.calls = calls;
    this.settings = settings;
    this.replies = replies;
  }

  /// What the loop has to do about a decision.
  sealed interface Work {}

  record Write(ReadyStep step) implements Work {}

  record Later(Instant time) implements Work {}

  /// From now on no model request is started. One that a decision opens all the same is closed by
  /// the next owner.
  void askNoMore() {
    asking = false;
  }

  Optional<Work> decide(OwnedSession owned, ConsumerGroupMetadata membership) {
    Instant now = settings.clock().instant();
    try {
      return switch (performer.perform(owned, now, asking)) {
        case StepPerformer.Performance.Decided(Decision decision, List<Arrival> used) ->
            Optional.of(write(owned, decision, used, membership));
        case StepPerformer.Performance.Summarise(
                String callId,
                SessionFacts facts,
                int entries,
                int attempt) -> {
          if (asking) {
            ModelRequest request = settings.requests().summary(facts, entries, attempt);
            ModelSpan span = owned.watch().spans().asking(facts, callId, request, true);
            owned.calling(calls.startUnseen(owned.id(), callId, request, told(owned, span)));
          }
          yield Optional.empty();
        }
        case StepPerformer.Performance.Search(List<SearchWeb> searches) -> {
          if (asking) {
            for (SearchWeb search : searches) {
              owned
                  .session()
                  .known()
                  .ifPresent(facts -> owned.watch().spans().searching(facts, search, now));
              owned.searching(search.toolUseId(), calls.startSearch(search, replies));
            }
          }
          yield Optional.empty();
        }
        case StepPerformer.Performance.WaitUntil(Instant time) -> Optional.of(new Later(time));
        case StepPerformer.Performance.Wait _ -> Optional.empty();
      };
    } catch (RuntimeException e) {
      LOG.errorf(e, "A step failed, the session is ended session_id=%s", owned.id());
      settings.metrics().sessionSetAside(Metrics.Cause.STEP);
      return giveUp(owned, membership, now);
    }
  }

  private Write write(
      OwnedSession owned, Decision decision, List<Arrival> used, ConsumerGroupMetadata membership) {
    SessionSpans spans = owned.watch().spans();
    Decision written = spans.carried(owned.session(), decision);
    if (asking && decision.spanId() != null && decision.after() instanceof Session.Live after) {
      ModelRequest request = settings.requests().next(after.facts());
      ModelSpan span = spans.asking(after.facts(), decision.spanId(), request, false);
      Runnable firstToken = owned.watch().firstToken(span);
      owned.opening(
          calls.start(
              new ModelCalls.Asked(owned.id(), decision.spanId(), request, firstToken),
              told(owned, span)));
      written = owned.watch().ahead(written);
    }
    owned.writing();
    List<Long> offsets = used.stream().map(Arrival::offset).toList();
    return new Write(new ReadyStep(owned, written, membership, offsets));
  }

  /// The outcome of a request ends its span before it ends anything else.
  private Consumer<Mail> told(OwnedSession owned, ModelSpan span) {
    Runnable worked = owned.watch().turns().asked();
    return mail -> {
      if (mail instanceof Mail.Answered answered) {
        worked.run();
        span.answered(answered.outcome());
      }
      replies.accept(mail);
    };
  }

  private Optional<Work> giveUp(OwnedSession owned, ConsumerGroupMetadata membership, Instant now) {
    owned.cancelCall();
    try {
      Optional<Decision> last = performer.giveUp(owned, now);
      if (last.isPresent()) {
        return Optional.of(write(owned, last.get(), List.of(), membership));
      }
    } catch (RuntimeException e) {
      LOG.errorf(e, "The session cannot even be ended session_id=%s", owned.id());
    }
    owned.abandon();
    return Optional.empty();
  }
}
