package io.steward.harness.judge;

import com.fasterxml.jackson.databind.JsonNode;

/// A tool call that waits for its verdict.
///
/// @param id the model's
/// @param input as the model wrote it; nobody has checked it
public record JudgedCall(String id, String tool, JsonNode input) {}
