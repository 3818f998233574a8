package io.steward.agentconfig.models;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.model.CatalogModel;
import java.util.List;

/// What a client of this server can make use of when it uses a model. Effort, images and documents
/// are the catalog's; the rest are features of the Messages API that no route here offers, and SDKs
/// want every member. Source: contract/platform.md §11.
final class Capabilities {
  private static final List<String> NOT_OFFERED =
      List.of("batch", "citations", "code_execution", "structured_outputs");
  private static final List<String> CONTEXT_EDITS =
      List.of("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112");
  private static final List<String> THINKING =
      List.of("adaptive", "between_tools", "disabled", "enabled");

  private Capabilities() {}

  static ObjectNode of(CatalogModel model) {
    ObjectNode capabilities = JsonNodeFactory.instance.objectNode();
    NOT_OFFERED.forEach(name -> capabilities.set(name, supported(false)));
    capabilities.set("image_input", supported(model.images()));
    capabilities.set("pdf_input", supported(model.documents()));
    ObjectNode effort = supported(!model.efforts().isEmpty());
    for (String level : CatalogModel.EFFORTS) {
      effort.set(level, supported(model.efforts().contains(level)));
    }
    capabilities.set("effort", effort);
    capabilities.putNull("compaction");
    ObjectNode context = supported(false);
    CONTEXT_EDITS.forEach(context::putNull);
    capabilities.set("context_management", context);
    ObjectNode tools = supported(false);
    tools.set("web_search", supported(false));
    tools.set("code_execution", supported(false));
    capabilities.set("server_tools", tools);
    ObjectNode thinking = supported(false);
    ObjectNode types = thinking.putObject("types");
    THINKING.forEach(type -> types.set(type, supported(false)));
    capabilities.set("thinking", thinking);
    return capabilities;
  }

  private static ObjectNode supported(boolean supported) {
    return JsonNodeFactory.instance.objectNode().put("supported", supported);
  }
}
