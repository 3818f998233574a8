package io.steward.harness.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.steward.schemas.event.Attachment;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request of the Messages API.
///
/// @param system text blocks, or null when the agent has no system prompt
/// @param tools never null; empty when the agent has none
/// @param toolsAllowed whether the reply may call tools; the Messages API wants them named all the
///   same while the conversation holds calls
/// @param effort null for the API's own default
/// @param speed null for standard
/// @param inferenceGeo null for anywhere
/// @param judgedTools names of tools whose calls are to be judged before they may run
/// @param attachments files that `messages` name as `{"type":"file","file_id":…}`, by file id
public record ModelRequest(
    String model,
    long maxTokens,
    @Nullable ArrayNode system,
    ArrayNode tools,
    boolean toolsAllowed,
    ArrayNode messages,
    @Nullable String effort,
    @Nullable String speed,
    @Nullable String inferenceGeo,
    Set<String> judgedTools,
    Map<String, Attachment> attachments) {
  public ModelRequest {
    judgedTools = Set.copyOf(judgedTools);
    attachments = Map.copyOf(attachments);
  }
}
