package io.steward.agentconfig.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.model.CatalogModel;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model as the API shows it. Source: contract/platform.md §11.
///
/// @param createdAt when it was released; the epoch when that is unknown
/// @param deprecatedAt the catalog does not know it: always null
/// @param retiresAt the catalog does not know it: always null
/// @param maxInputTokens its context window
/// @param maxTokens its longest reply
/// @param allowedFallbackModels there are no fallbacks here: always null
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"id", "type"})
record ModelView(
    String id,
    String displayName,
    Instant createdAt,
    String lifecycle,
    @Nullable Instant deprecatedAt,
    @Nullable Instant retiresAt,
    @Nullable String line,
    int maxInputTokens,
    int maxTokens,
    ObjectNode capabilities,
    @Nullable List<String> allowedFallbackModels) {

  /// @param id what it was asked for as, when the entry is a pattern
  static ModelView of(String id, CatalogModel model) {
    boolean named = !model.displayName().equals(model.id());
    return new ModelView(
        id,
        named ? model.displayName() : id,
        model.createdAt(),
        model.lifecycle(),
        null,
        null,
        model.line(),
        model.contextWindow(),
        model.outputTokensMax(),
        Capabilities.of(model),
        null);
  }

  /// Always `model`.
  @JsonProperty("type")
  public String type() {
    return "model";
  }
}
