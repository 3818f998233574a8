package io.steward.harness.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.Tracing;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpansTest {
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder().build()).build();
  private final Span span = sdk.getTracer("test").spanBuilder("execute_tool").startSpan();

  @AfterEach
  void close() {
    sdk.close();
  }

  @Test
  void the_result_of_a_tool_is_json_as_in_its_event() {
    spans(true)
        .result(
            span,
            List.of(
                new ContentBlock.Text("a\n\"b\""),
                new ContentBlock.Image(new ContentBlock.Source.Base64("image/png", "AA==")),
                new ContentBlock.SearchResult(
                    "https://example.com",
                    "One",
                    List.of(new ContentBlock.Text("hit")),
                    new ContentBlock.Citations(true))));

    assertEquals(
        """
        [{"type":"text","text":"a\\n\\"b\\""},\
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},\
        {"type":"search_result","source":"https://example.com","title":"One",\
        "content":[{"type":"text","text":"hit"}],"citations":{"enabled":true}}]\
        """,
        attribute(SpanKeys.TOOL_RESULT));
  }

  @Test
  void a_reply_is_json_as_the_provider_sent_it() {
    JsonNode text = JsonNodeFactory.instance.objectNode().put("type", "text").put("text", "Hi");

    spans(true).content(span, SpanKeys.OUTPUT_MESSAGES, List.of(text, text));

    assertEquals(
        "[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"text\",\"text\":\"Hi\"}]",
        attribute(SpanKeys.OUTPUT_MESSAGES));
  }

  @Test
  void long_content_is_cut_and_unwanted_content_left_out() {
    List<ContentBlock> result = List.of(new ContentBlock.Text("x".repeat(20_000)));

    spans(false).result(span, result);
    assertNull(attribute(SpanKeys.TOOL_RESULT));

    spans(true).result(span, result);
    assertEquals(Spans.CONTENT_CHARS_MAX, String.valueOf(attribute(SpanKeys.TOOL_RESULT)).length());
  }

  private Spans spans(boolean content) {
    return new Spans(Tracing.with(sdk, content), ModelCatalog.shipped());
  }

  private @Nullable String attribute(AttributeKey<String> key) {
    return assertInstanceOf(ReadableSpan.class, span).getAttribute(key);
  }
}
