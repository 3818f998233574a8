package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Content blocks as parts of a chat message: text, image, file.
final class OpenAiParts {
  private static final String PDF = "application/pdf";

  private OpenAiParts() {}

  /// Adds what `block` is as a part; a block without a counterpart adds nothing.
  static void add(JsonNode block, ArrayNode parts) {
    switch (block.path("type").asText()) {
      case "text" -> text(block.path("text").asText(), parts);
      case "image" -> image(block.path("source"), parts);
      case "document" -> document(block, parts);
      case "search_result" -> text(searchResult(block), parts);
      default -> {}
    }
  }

  private static void text(String text, ArrayNode parts) {
    parts.addObject().put("type", "text").put("text", text);
  }

  private static void image(JsonNode source, ArrayNode parts) {
    String url =
        source.path("type").asText().equals("url") ? source.path("url").asText() : dataUrl(source);
    parts.addObject().put("type", "image_url").putObject("image_url").put("url", url);
  }

  private static void document(JsonNode block, ArrayNode parts) {
    JsonNode source = block.path("source");
    String title = block.path("title").asText("");
    String context = block.path("context").asText("");
    switch (source.path("type").asText()) {
      case "url" ->
          text(document(title, context, "It is at " + source.path("url").asText()), parts);
      case "base64" -> {
        if (source.path("media_type").asText().equals(PDF)) {
          if (!context.isBlank()) {
            text(document(title, context, "It follows as a file."), parts);
          }
          file(title, source, parts);
        } else {
          byte[] bytes = Base64.getMimeDecoder().decode(source.path("data").asText());
          text(document(title, context, new String(bytes, StandardCharsets.UTF_8)), parts);
        }
      }
      default -> text(document(title, context, source.path("data").asText()), parts);
    }
  }

  private static void file(String title, JsonNode source, ArrayNode parts) {
    ObjectNode file = parts.addObject().put("type", "file").putObject("file");
    file.put("filename", title.isBlank() ? "document.pdf" : title);
    file.put("file_data", dataUrl(source));
  }

  private static String document(String title, String context, String text) {
    StringBuilder document = new StringBuilder("<document>\n");
    if (!title.isBlank()) {
      document.append("Title: ").append(title).append('\n');
    }
    if (!context.isBlank()) {
      document.append("Context: ").append(context).append('\n');
    }
    return document.append(text).append("\n</document>").toString();
  }

  private static String searchResult(JsonNode block) {
    StringBuilder result = new StringBuilder("<search_result>\nTitle: ");
    result.append(block.path("title").asText());
    result.append("\nSource: ").append(block.path("source").asText()).append('\n');
    block.path("content").forEach(text -> result.append(text.path("text").asText()).append('\n'));
    return result.append("</search_result>").toString();
  }

  private static String dataUrl(JsonNode source) {
    return "data:" + source.path("media_type").asText() + ";base64," + source.path("data").asText();
  }
}
