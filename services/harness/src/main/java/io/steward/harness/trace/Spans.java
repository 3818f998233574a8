package io.steward.harness.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.json.Json;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.model.Provider;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.trace.ChosenIds;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
import io.steward.schemas.trace.TurnTraces;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Begins the spans of this harness. What models read and write is in them only when the operator
/// wants it. Safe from any thread.
public final class Spans {
  /// Content above it is cut, in characters.
  static final int CONTENT_CHARS_MAX = 16 * 1024;

  private final Tracing tracing;
  private final ModelCatalog models;

  public Spans(Tracing tracing, ModelCatalog models) {
    this.tracing = tracing;
    this.models = models;
  }

  /// Nothing is recorded; the context of clients travels all the same.
  public static Spans off() {
    return new Spans(Tracing.off(), ModelCatalog.shipped());
  }

  /// The spans of a session.
  public SessionSpans session() {
    return new SessionSpans(this);
  }

  Span turn(SessionFacts facts, Instant startedAt) {
    TurnTraces traces = traces(facts);
    return turnBuilder(facts, traces.next(), traces.former(), startedAt).startSpan();
  }

  /// The span of a turn that somebody else began.
  Span turnAgain(SessionFacts facts, TurnTraces.Turn turn) {
    return ChosenIds.startAgain(
        turnBuilder(facts, turn.parent(), traces(facts).former(), turn.startedAt()),
        turn.context());
  }

  static TurnTraces traces(SessionFacts facts) {
    TurnTraces traces = facts.traces();
    return traces == null ? TurnTraces.NONE : traces;
  }

  private SpanBuilder turnBuilder(
      SessionFacts facts,
      @Nullable TraceContext parent,
      @Nullable TraceContext former,
      Instant startedAt) {
    SpanBuilder builder =
        begin("invoke_agent", facts.agent().name(), TraceContext.under(parent), facts)
            .setStartTimestamp(startedAt)
            .setAttribute(SpanKeys.REQUEST_MODEL, facts.agent().model().id());
    if (former != null) {
      builder.addLink(former.span());
    }
    return builder;
  }

  /// @param spanId of the request in the log
  Span model(
      Context turn, SessionFacts facts, String spanId, ModelRequest request, boolean summary) {
    SpanBuilder builder =
        begin("chat", request.model(), turn, facts)
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute(SpanKeys.REQUEST_MODEL, request.model())
            .setAttribute(SpanKeys.REQUEST_MAX_TOKENS, request.maxTokens());
    if (summary) {
      builder.setAttribute(SpanKeys.PURPOSE, "summary");
    }
    content(builder, SpanKeys.INPUT_MESSAGES, request.messages());
    return ChosenIds.start(builder, spanId);
  }

  /// The span of a model request that another owner began and nobody knows the end of.
  Span modelLost(Context turn, SessionFacts facts, String spanId, Instant startedAt) {
    String model = facts.agent().model().id();
    return ChosenIds.start(
        begin("chat", model, turn, facts)
            .setSpanKind(SpanKind.CLIENT)
            .setStartTimestamp(startedAt)
            .setAttribute(SpanKeys.REQUEST_MODEL, model),
        spanId);
  }

  Span tool(Context turn, SessionFacts facts, CalledTool call, Instant startedAt) {
    SpanBuilder builder =
        begin("execute_tool", call.name(), turn, facts)
            .setStartTimestamp(startedAt)
            .setAttribute(SpanKeys.TOOL_NAME, call.name())
            .setAttribute(SpanKeys.TOOL_CALL_ID, call.id())
            .setAttribute(SpanKeys.TOOL_TYPE, "function");
    if (call.mcpServer() != null) {
      builder.setAttribute(SpanKeys.MCP_SERVER, call.mcpServer());
    }
    content(builder, SpanKeys.TOOL_ARGUMENTS, call.input());
    return ChosenIds.start(builder, call.id());
  }

  private SpanBuilder begin(String operation, String target, Context parent, SessionFacts facts) {
    SpanBuilder builder =
        tracing
            .tracer()
            .spanBuilder(operation + " " + target)
            .setParent(parent)
            .setAttribute(SpanKeys.OPERATION, operation)
            .setAttribute(SpanKeys.CONVERSATION, facts.id().value())
            .setAttribute(SpanKeys.AGENT_ID, facts.agent().id())
            .setAttribute(SpanKeys.AGENT_NAME, facts.agent().name())
            .setAttribute(SpanKeys.AGENT_VERSION, Integer.toString(facts.agent().version()))
            .setAttribute(SpanKeys.WORKSPACE, facts.workspaceId());
    if (!operation.equals("execute_tool")) {
      provider(facts.agent().model().id())
          .ifPresent(name -> builder.setAttribute(SpanKeys.PROVIDER, name));
    }
    return builder;
  }

  private Optional<String> provider(String model) {
    return models
        .find(model)
        .map(found -> models.providers().get(found.provider()))
        .map(Provider::kind)
        .map(kind ->
            switch (kind) {
              case ANTHROPIC -> "anthropic";
              case BEDROCK -> "aws.bedrock";
              case VERTEX -> "gcp.vertex_ai";
              case OPENAI -> "openai";
            });
  }

  private void content(SpanBuilder builder, AttributeKey<String> key, JsonNode value) {
    if (tracing.showsContent()) {
      builder.setAttribute(key, cut(value.toString()));
    }
  }

  void content(Span span, AttributeKey<String> key, List<JsonNode> value) {
    if (tracing.showsContent()) {
      span.setAttribute(key, cut(Json.tree((Object) value).toString()));
    }
  }

  /// What a tool returned, as its event has it.
  void result(Span span, List<ContentBlock> content) {
    if (tracing.showsContent()) {
      // One by one: a list of them does not know what they are, and leaves their type out.
      content(
          span,
          SpanKeys.TOOL_RESULT,
          content.stream().<JsonNode>map(block -> Json.tree((Object) block)).toList());
    }
  }

  private static String cut(String text) {
    return text.length() <= CONTENT_CHARS_MAX ? text : text.substring(0, CONTENT_CHARS_MAX);
  }
}
