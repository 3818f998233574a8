package io.steward.harness.partition;

import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.search.SearchTool;
import io.steward.schemas.search.WebSearch;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Runs model requests and searches, each on a virtual thread. How many of them reach a provider at
/// once, the client decides.
public final class ModelCalls implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ModelCalls.class);

  private final ModelClient model;
  private final SearchTool search;
  private final PreviewWriter previews;
  private final ThreadFactory threads;

  /// @param previews where replies can be seen while they come; started and closed here
  public ModelCalls(ModelClient model, WebSearch search, PreviewWriter previews) {
    this(model, search, previews, Thread.ofVirtual().factory());
  }

  /// @param threads makes the thread of each request
  public ModelCalls(
      ModelClient model, WebSearch search, PreviewWriter previews, ThreadFactory threads) {
    this.model = model;
    this.search = new SearchTool(search);
    this.previews = previews;
    this.threads = threads;
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

  /// The request of a span.
  ///
  /// @param firstToken is run when something of the reply can be shown, or when it is there
  record Asked(SessionId session, String spanId, ModelRequest request, Runnable firstToken) {}

  /// Starts a request; its outcome goes to `replies` unless the call is canceled before.
  ModelCall start(Asked asked, Consumer<Mail> replies) {
    Runnable first = asked.firstToken();
    return start(
        new Call(
            asked.session(),
            asked.spanId(),
            asked.request(),
            new Timed(first, previews.request(asked.session(), asked.spanId())),
            mail -> {
              if (mail instanceof Mail.Answered answered
                  && answered.outcome() instanceof ModelOutcome.Replied) {
                first.run();
              }
              replies.accept(mail);
            }));
  }

  /// Starts a request nobody sees.
  ModelCall startUnseen(
      SessionId session, String callId, ModelRequest request, Consumer<Mail> replies) {
    return start(new Call(session, callId, request, previews.unseen(session, callId), replies));
  }

  /// Starts a search; its result goes to `replies` unless the thread is interrupted before.
  Thread startSearch(SearchWeb search, Consumer<Mail> replies) {
    Thread thread = threads.newThread(() -> run(search, replies));
    thread.setName("search-" + search.toolUseId());
    thread.start();
    return thread;
  }

  private void run(SearchWeb asked, Consumer<Mail> replies) {
    long start = System.nanoTime();
    SearchTool.Answer answer;
    try {
      answer = search.call(asked);
    } catch (RuntimeException | Error e) { // The session must not wait for a dead thread.
      LOG.errorf(e, "A search failed session_id=%s", asked.sessionId());
      answer = SearchTool.failed("The search failed.");
    }
    if (!Thread.currentThread().isInterrupted()) {
      replies.accept(
          new Mail.Searched(
              new ToolResult(
                  asked.sessionId(),
                  asked.toolUseId(),
                  answer.isError() ? ToolResult.Outcome.FAILED : ToolResult.Outcome.COMPLETED,
                  answer.isError(),
                  answer.content(),
                  Duration.ofNanos(System.nanoTime() - start).toMillis())));
    }
  }

  private record Call(
      SessionId session,
      String id,
      ModelRequest request,
      ReplyListener previews,
      Consumer<Mail> replies) {}

  /// Runs something before each preview.
  private record Timed(Runnable first, ReplyListener to) implements ReplyListener {
    @Override
    public void accept(PreviewFrame frame) {
      first.run();
      to.accept(frame);
    }

    @Override
    public void sent() {
      to.sent();
    }

    @Override
    public void heard() {
      to.heard();
    }

    @Override
    public void ended() {
      to.ended();
    }
  }

  private ModelCall start(Call call) {
    Thread thread = threads.newThread(() -> run(call));
    thread.setName("model-" + call.id());
    thread.start();
    return new ModelCall(call.id(), thread);
  }

  private void run(Call call) {
    try {
      ModelOutcome outcome = model.ask(call.request(), call.previews());
      if (!Thread.currentThread().isInterrupted()) {
        call.replies().accept(new Mail.Answered(call.session(), call.id(), outcome));
      }
    } catch (RuntimeException | Error e) { // The session must not wait for a dead thread.
      if (!Thread.currentThread().isInterrupted()) {
        LOG.errorf(e, "A model request failed session_id=%s", call.session());
        ModelFailure failure =
            ModelFailure.of(ModelFailure.Kind.UNAVAILABLE, "The model request failed.");
        call.replies()
            .accept(
                new Mail.Answered(
                    call.session(),
                    call.id(),
                    new ModelOutcome.Failed(failure, RequestUsage.NONE)));
      }
    } finally {
      call.previews().ended();
    }
  }
}
