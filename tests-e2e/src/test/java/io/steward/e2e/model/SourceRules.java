package io.steward.e2e.model;

import static io.steward.e2e.model.RefusedRequestException.unless;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;
import java.util.Set;

/// What the real API demands of images, documents and search results. A file of the Files API is
/// refused: it is Steward's, and the provider has never heard of it.
final class SourceRules {
  private static final Set<String> IMAGES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private SourceRules() {}

  static void check(JsonNode block) throws RefusedRequestException {
    JsonNode source = block.path("source");
    switch (block.path("type").asText()) {
      case "image" -> checkImage(source);
      case "document" -> checkDocument(source);
      case "search_result" -> checkSearchResult(block);
      default -> throw RefusedRequestException.invalid("messages: no source in " + block);
    }
  }

  private static void checkImage(JsonNode source) throws RefusedRequestException {
    switch (source.path("type").asText()) {
      case "base64" -> {
        String type = source.path("media_type").asText();
        unless(IMAGES.contains(type), "messages: image.source.media_type: '" + type + "'");
        checkData("image", source);
      }
      case "url" -> checkUrl("image", source);
      default -> throw RefusedRequestException.invalid("messages: image.source: " + source);
    }
  }

  private static void checkDocument(JsonNode source) throws RefusedRequestException {
    String type = source.path("media_type").asText();
    switch (source.path("type").asText()) {
      case "base64" -> {
        unless(
            type.equals("application/pdf"), "messages: document.source.media_type: '" + type + "'");
        checkData("document", source);
      }
      case "text" -> {
        unless(type.equals("text/plain"), "messages: document.source.media_type: '" + type + "'");
        unless(source.size() == 3, "messages: document.source: Extra inputs are not permitted");
        unless(
            RequestRules.isText(source.path("data")), "messages: document.source.data: is empty");
      }
      case "url" -> checkUrl("document", source);
      default -> throw RefusedRequestException.invalid("messages: document.source: " + source);
    }
  }

  private static void checkSearchResult(JsonNode block) throws RefusedRequestException {
    unless(RequestRules.isText(block.path("source")), "messages: search_result.source: required");
    unless(RequestRules.isText(block.path("title")), "messages: search_result.title: required");
    unless(block.path("content").isArray(), "messages: search_result.content: required");
    for (JsonNode text : block.path("content")) {
      unless(
          text.path("type").asText().equals("text") && RequestRules.isText(text.path("text")),
          "messages: search_result.content: only text that is not empty");
    }
    JsonNode citations = block.path("citations");
    unless(
        citations.isMissingNode() || citations.path("enabled").isBoolean(),
        "messages: search_result.citations.enabled: should be a boolean");
  }

  private static void checkData(String block, JsonNode source) throws RefusedRequestException {
    unless(source.size() == 3, "messages: " + block + ".source: Extra inputs are not permitted");
    String data = source.path("data").asText();
    unless(!data.isEmpty(), "messages: " + block + ".source.base64: is empty");
    try {
      Base64.getDecoder().decode(data);
    } catch (IllegalArgumentException e) {
      throw RefusedRequestException.invalid("messages: " + block + ".source: invalid base64 data");
    }
  }

  private static void checkUrl(String block, JsonNode source) throws RefusedRequestException {
    unless(source.size() == 2, "messages: " + block + ".source: Extra inputs are not permitted");
    unless(
        source.path("url").asText().startsWith("http"), "messages: " + block + ".source.url: bad");
  }
}
