package io.steward.vaultproxy.search;

import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.schemas.search.SearchTool;
import io.steward.schemas.search.WebSearch;
import io.steward.vaultproxy.call.CallAnswer;
import io.steward.vaultproxy.call.RunningCall;
import io.steward.vaultproxy.call.Work;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A call of `web_search`.
public final class SearchCall implements Work {
  private final SearchTool tool;
  private final SearchWeb command;

  public SearchCall(WebSearch search, SearchWeb command) {
    this.tool = new SearchTool(search);
    this.command = command;
  }

  /// Searches on a thread of its own: a cancel interrupts it, and must not reach what comes after.
  @Override
  public CallAnswer perform(RunningCall running) {
    FutureTask<SearchTool.Answer> task = new FutureTask<>(() -> tool.call(command));
    Thread thread = Thread.ofVirtual().name("web-search").start(task);
    running.onCancel(thread::interrupt);
    try {
      SearchTool.Answer answer = task.get();
      Outcome failed = running.isCanceled() ? Outcome.CANCELED : Outcome.FAILED;
      return new CallAnswer(
          answer.isError() ? failed : Outcome.COMPLETED, answer.isError(), answer.content());
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return CallAnswer.error(Outcome.CANCELED, "unavailable: The search was interrupted.");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
