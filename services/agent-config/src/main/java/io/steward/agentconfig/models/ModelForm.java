package io.steward.agentconfig.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// Gives what an upstream says about models the form of the contract: required fields that it does
/// not know get the value that stands for "unknown". Source: contract/platform.md §1.10, §11.
final class ModelForm {
  private static final List<String> NULLABLE =
      List.of(
          "deprecated_at",
          "retires_at",
          "line",
          "max_input_tokens",
          "max_tokens",
          "capabilities",
          "allowed_fallback_models");

  private ModelForm() {}

  /// A page of models, or empty when the upstream sent something else.
  static Optional<ObjectNode> page(JsonNode upstream) {
    if (!upstream.path("data").isArray()) {
      return Optional.empty();
    }
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    ArrayNode data = page.putArray("data");
    upstream.path("data").forEach(model -> model(model).ifPresent(data::add));
    page.put("has_more", !data.isEmpty() && upstream.path("has_more").asBoolean(false));
    page.set("first_id", data.path(0).get("id"));
    page.set("last_id", data.path(data.size() - 1).get("id"));
    return Optional.of(page);
  }

  /// One model, or empty when the upstream sent something else.
  static Optional<ObjectNode> model(JsonNode upstream) {
    if (!upstream.path("id").isTextual()) {
      return Optional.empty();
    }
    ObjectNode model = upstream.deepCopy();
    model.put("type", "model");
    textOr(model, "display_name", model.path("id").textValue());
    textOr(model, "created_at", "1970-01-01T00:00:00Z");
    textOr(model, "lifecycle", "active");
    for (String field : NULLABLE) {
      if (!model.has(field)) {
        model.putNull(field);
      }
    }
    return Optional.of(model);
  }

  private static void textOr(ObjectNode model, String field, String otherwise) {
    if (!model.path(field).isTextual()) {
      model.put(field, otherwise);
    }
  }
}
