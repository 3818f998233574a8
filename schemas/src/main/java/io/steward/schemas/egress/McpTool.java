package io.steward.schemas.egress;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// A tool of an MCP server.
///
/// @param name 1–128 characters, as the server reports it
/// @param description for the model, up to [#DESCRIPTION_CHARS_MAX] characters, or null
/// @param inputSchema a JSON Schema of type `object`, up to [#SCHEMA_BYTES_MAX] bytes
public record McpTool(String name, @Nullable String description, ObjectNode inputSchema) {
  public static final int NAME_CHARS_MAX = 128;
  public static final int DESCRIPTION_CHARS_MAX = 8_192;
  public static final int SCHEMA_BYTES_MAX = 64 * 1024;
}
