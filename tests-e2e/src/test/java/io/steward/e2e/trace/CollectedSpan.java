package io.steward.e2e.trace;

import java.util.List;
import java.util.Map;

/// A span as it came.
///
/// @param service that sent it
/// @param kind as OTLP names it, such as `SPAN_KIND_CLIENT`
/// @param parentId empty of a root
/// @param attributes as text
/// @param links ids of spans it is linked to
/// @param failed whether its status is an error
record CollectedSpan(
    String service,
    String name,
    String kind,
    String traceId,
    String spanId,
    String parentId,
    Map<String, String> attributes,
    List<String> links,
    boolean failed,
    long startNanos,
    long endNanos) {
  String attribute(String name) {
    return attributes.getOrDefault(name, "");
  }
}
