package io.steward.vaultproxy.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.egress.EgressCommand.FetchPage;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.call.CallAnswer;
import io.steward.vaultproxy.call.RunningCall;
import io.steward.vaultproxy.call.Work;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A call of `web_fetch`.
public final class PageFetch implements Work {
  private static final String NOT_ALLOWED = WebResult.Reason.URL_NOT_ALLOWED.wire() + ": ";

  private final WebFetch fetch;
  private final FetchPage command;

  public PageFetch(WebFetch fetch, FetchPage command) {
    this.fetch = fetch;
    this.command = command;
  }

  @Override
  public CallAnswer perform(RunningCall running) {
    JsonNode url = command.input().path("url");
    if (!url.isTextual() || url.textValue().isBlank()) {
      return failed(NOT_ALLOWED + "The argument url is missing, or is no text.");
    }
    DomainRules domains;
    try {
      domains =
          DomainRules.of(
              Optional.ofNullable(command.allowedDomains()),
              Optional.ofNullable(command.blockedDomains()));
    } catch (IllegalArgumentException e) {
      return failed(NOT_ALLOWED + "The domains this agent may fetch from cannot be understood.");
    }
    Integer tokensMax = command.contentTokensMax();
    WebRequest request =
        new WebRequest(
            url.textValue().strip(),
            domains,
            tokensMax == null || tokensMax < 1 ? OptionalInt.empty() : OptionalInt.of(tokensMax));
    WebResult result = fetched(request, running);
    return switch (result) {
      case WebResult.Refused refused when running.isCanceled() ->
          CallAnswer.error(Outcome.CANCELED, refused.text());
      case WebResult.Refused refused -> failed(refused.text());
      case WebResult.Fetched page -> CallAnswer.of(text(page));
    };
  }

  /// Fetches on a thread of its own: a cancel interrupts it, and must not reach what comes after.
  private WebResult fetched(WebRequest request, RunningCall running) {
    FutureTask<WebResult> task = new FutureTask<>(() -> fetch.fetch(request));
    Thread thread = Thread.ofVirtual().name("web-fetch").start(task);
    running.onCancel(thread::interrupt);
    try {
      return task.get();
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return new WebResult.Refused(
          WebResult.Reason.UNAVAILABLE, "Fetching the page was interrupted.");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static String text(WebResult.Fetched page) {
    StringBuilder text = new StringBuilder();
    if (!page.title().isBlank()) {
      text.append("Title: ").append(page.title()).append('\n');
    }
    text.append("URL: ").append(page.url()).append('\n');
    if (page.truncated()) {
      text.append("Only the beginning of the page is shown.\n");
    }
    return text.append('\n').append(page.text()).toString();
  }

  private static CallAnswer failed(String text) {
    return CallAnswer.error(Outcome.FAILED, text);
  }
}
