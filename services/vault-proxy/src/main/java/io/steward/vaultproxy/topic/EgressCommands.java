package io.steward.vaultproxy.topic;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.ProcessSpans;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.search.WebSearch;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.call.Call;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.mcp.McpCommands;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.search.SearchCall;
import io.steward.vaultproxy.web.PageFetch;
import io.steward.vaultproxy.web.WebFetch;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Records of `egress-commands`.
public final class EgressCommands implements RecordHandler {
  /// What can be a part of a blob's key.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");

  private static final int ID_CHARS_MAX = 128;

  private final Clones clones;
  private final McpCommands mcp;
  private final Calls calls;
  private final WebFetch web;
  private final WebSearch search;
  private final Tracing tracing;

  public EgressCommands(
      Clones clones,
      McpCommands mcp,
      Calls calls,
      WebFetch web,
      WebSearch search,
      Tracing tracing) {
    this.clones = clones;
    this.mcp = mcp;
    this.calls = calls;
    this.web = web;
    this.search = search;
    this.tracing = tracing;
  }

  @Override
  public void handle(RecordFormat.Decoded decoded, Runnable acknowledge)
      throws UnreadableRecordException {
    EgressCommand command = command(decoded);
    Span span = span(decoded.envelope(), command);
    try (Scope _ = span.makeCurrent()) {
      handle(
          command,
          decoded.envelope().workspaceId(),
          () -> {
            span.end(); // What is acknowledged is done.
            acknowledge.run();
          });
    }
  }

  private Span span(Envelope envelope, EgressCommand command) {
    Span span =
        ProcessSpans.begin(
            tracing, Topics.EGRESS_COMMANDS, command.sessionId().partition(), envelope);
    switch (command) {
      case EgressCommand.CallMcpTool call ->
          span.setAttribute(SpanKeys.MCP_SERVER, call.serverName())
              .setAttribute(SpanKeys.TOOL_NAME, call.toolName())
              .setAttribute(SpanKeys.TOOL_CALL_ID, call.toolUseId());
      case EgressCommand.FetchPage fetch ->
          span.setAttribute(SpanKeys.TOOL_CALL_ID, fetch.toolUseId());
      case EgressCommand.SearchWeb query ->
          span.setAttribute(SpanKeys.TOOL_CALL_ID, query.toolUseId());
      case EgressCommand.ListMcpTools list ->
          span.setAttribute(SpanKeys.MCP_SERVER, list.serverName());
      case EgressCommand.CloneRepository _,
          EgressCommand.CancelCalls _,
          EgressCommand.ForgetSession _ -> {}
    }
    return span;
  }

  private void handle(EgressCommand command, String workspaceId, Runnable acknowledge) {
    switch (command) {
      case EgressCommand.CloneRepository clone -> clones.clone(clone, workspaceId, acknowledge);
      case EgressCommand.ListMcpTools list -> mcp.list(list, workspaceId, acknowledge);
      case EgressCommand.CallMcpTool call -> mcp.call(call, workspaceId, acknowledge);
      case EgressCommand.FetchPage fetch ->
          calls.run(
              new Call(fetch.toolUseId(), fetch.sessionId(), workspaceId),
              new PageFetch(web, fetch),
              acknowledge);
      case EgressCommand.SearchWeb query ->
          calls.run(
              new Call(query.toolUseId(), query.sessionId(), workspaceId),
              new SearchCall(search, query),
              acknowledge);
      case EgressCommand.CancelCalls cancel ->
          calls.cancel(cancel.sessionId(), cancel.toolUseIds(), workspaceId, acknowledge);
      case EgressCommand.ForgetSession forget -> forget(forget, acknowledge);
    }
  }

  /// The session is noted as forgotten first, so that no call of it starts after that.
  private void forget(EgressCommand.ForgetSession forget, Runnable acknowledge) {
    clones.forget(
        forget,
        () ->
            calls.forget(
                forget.sessionId(),
                () -> {
                  mcp.forget(forget.sessionId());
                  acknowledge.run();
                }));
  }

  private static EgressCommand command(RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    EgressCommand command;
    try {
      command = Json.read(decoded.json(), EgressCommand.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not a command this service knows", e);
    }
    if (!isComplete(command)) {
      throw new UnreadableRecordException("a required field of the command is missing or no name");
    }
    return command;
  }

  private static boolean isComplete(EgressCommand command) {
    return isPresent(command.sessionId())
        && switch (command) {
          case EgressCommand.CloneRepository clone ->
              isName(clone.resourceId()) && isName(clone.attempt()) && isPresent(clone.url());
          case EgressCommand.ListMcpTools list ->
              isPresent(list.serverName()) && isPresent(list.url()) && isPresent(list.attempt());
          case EgressCommand.CallMcpTool call ->
              isId(call.toolUseId())
                  && isPresent(call.serverName())
                  && isPresent(call.url())
                  && isPresent(call.toolName())
                  && isPresent(call.input());
          case EgressCommand.FetchPage fetch -> isId(fetch.toolUseId()) && isPresent(fetch.input());
          case EgressCommand.SearchWeb query -> isId(query.toolUseId()) && isPresent(query.input());
          case EgressCommand.CancelCalls cancel ->
              cancel.toolUseIds().stream().allMatch(EgressCommands::isId);
          case EgressCommand.ForgetSession _ -> true;
        };
  }

  private static boolean isId(@Nullable String text) {
    return text != null
        && !text.isEmpty()
        && text.length() <= ID_CHARS_MAX
        && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static boolean isName(@Nullable String text) {
    return text != null && NAME.matcher(text).matches();
  }

  /// JSON may leave out what the type says is there.
  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }
}
