package io.steward.harness.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.jspecify.annotations.Nullable;

/// A request of the Messages API.
///
/// @param system text blocks, or null when the agent has no system prompt
/// @param tools never null; empty when the agent has none
/// @param effort null for the API's own default
/// @param speed null for standard
/// @param inferenceGeo null for anywhere
public record ModelRequest(
    String model,
    long maxTokens,
    @Nullable ArrayNode system,
    ArrayNode tools,
    ArrayNode messages,
    @Nullable String effort,
    @Nullable String speed,
    @Nullable String inferenceGeo) {}
