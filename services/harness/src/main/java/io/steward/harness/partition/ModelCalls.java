package io.steward.harness.partition;

import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.model.Model;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.id.SessionId;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Runs model requests, each on a virtual thread, not more than a limit at once, first come first
/// served.
public final class ModelCalls implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ModelCalls.class);

  private final Model model;
  private final PreviewWriter previews;
  private final Semaphore permits;

  /// @param callsMax requests of this instance that run at once
  /// @param previews where replies can be seen while they come; started and closed here
  public ModelCalls(Model model, int callsMax, PreviewWriter previews) {
    this.model = model;
    this.previews = previews;
    this.permits = new Semaphore(callsMax, true);
  }

  /// Gets ready for the first request.
  public void start() {
    previews.start();
  }

  /// No previews after this.
  @Override
  public void close() {
    previews.close();
  }

  /// Starts a request; its outcome goes to `replies` unless the call is canceled before.
  ModelCall start(SessionId session, String spanId, ModelRequest request, Consumer<Mail> replies) {
    Thread thread =
        Thread.ofVirtual()
            .name("model-" + spanId)
            .start(() -> run(session, spanId, request, replies));
    return new ModelCall(spanId, thread);
  }

  private void run(SessionId session, String spanId, ModelRequest request, Consumer<Mail> replies) {
    try {
      permits.acquire();
    } catch (InterruptedException _) {
      return;
    }
    try {
      ModelOutcome outcome = model.ask(request, previews.request(session, spanId));
      if (!Thread.currentThread().isInterrupted()) {
        replies.accept(new Mail.Answered(session, spanId, outcome));
      }
    } catch (RuntimeException | Error e) { // The session must not wait for a dead thread.
      if (!Thread.currentThread().isInterrupted()) {
        LOG.errorf(e, "A model request failed session_id=%s", session);
        ModelFailure failure =
            ModelFailure.of(ModelFailure.Kind.UNAVAILABLE, "The model request failed.");
        replies.accept(
            new Mail.Answered(
                session, spanId, new ModelOutcome.Failed(failure, RequestUsage.NONE)));
      }
    } finally {
      permits.release();
    }
  }
}
