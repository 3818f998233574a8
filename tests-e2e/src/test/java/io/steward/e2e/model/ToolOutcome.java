package io.steward.e2e.model;

/// A tool result as the model reads it.
public record ToolOutcome(String toolUseId, String text, boolean isError) {}
