package io.steward.vaultproxy.mcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ContentBlock.Document;
import io.steward.schemas.event.ContentBlock.Image;
import io.steward.schemas.event.ContentBlock.Source;
import io.steward.schemas.event.ContentBlock.Text;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.call.CallAnswer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What a model reads of the result of a tool. Source: the specification of MCP, "Tools".
final class ResultContent {
  private static final Set<String> IMAGES =
      Set.of("image/jpeg", "image/png", "image/gif", "image/webp");
  private static final String PDF = "application/pdf";
  private static final String EMPTY = "(no content)";
  private static final int WORD_CHARS_MAX = 500;

  private final Predicate<byte[]> secret;
  private final List<ContentBlock> blocks = new ArrayList<>();
  private long textChars;
  private int blocksLeftOut;

  private ResultContent(Predicate<byte[]> secret) {
    this.secret = secret;
  }

  /// @param result as the server sends it, with no token in its text
  /// @param secret whether bytes hold a token
  static CallAnswer answer(JsonNode result, boolean isError, Predicate<byte[]> secret) {
    ResultContent content = new ResultContent(secret);
    result.path("content").forEach(content::add);
    content.addStructured(result.path("structuredContent"));
    return new CallAnswer(
        isError ? Outcome.FAILED : Outcome.COMPLETED,
        isError,
        content.finished(),
        content.isLong() ? content.whole() : null);
  }

  private boolean isLong() {
    return textChars > ToolResult.TEXT_CHARS_MAX;
  }

  private String whole() {
    return blocks.stream()
        .map(ResultContent::text)
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("\n\n"));
  }

  private void add(JsonNode block) {
    String type = word(block, "type");
    switch (type) {
      case "text" -> addText(block.path("text").asText(""));
      case "image" -> addImage(word(block, "mimeType"), block.path("data").asText(""), "An image");
      case "audio" ->
          addText("[Audio of type %s, which cannot be heard here.]".formatted(named(block)));
      case "resource" -> addResource(block.path("resource"));
      case "resource_link" ->
          addText(
              "[Link to the resource %s: %s]".formatted(word(block, "name"), word(block, "uri")));
      default -> addText("[Content of the type \"%s\", which cannot be shown.]".formatted(type));
    }
  }

  private void addResource(JsonNode resource) {
    String uri = word(resource, "uri");
    String type = word(resource, "mimeType").toLowerCase(Locale.ROOT);
    String blob = resource.path("blob").asText("");
    if (resource.path("text").isTextual()) {
      String text = resource.path("text").textValue();
      if (text.isEmpty()) {
        addText("[The resource %s, which is empty.]".formatted(uri));
        return;
      }
      textChars += text.length();
      addBlock(new Document(new Source.PlainText("text/plain", text), uri, null));
    } else if (type.equals(PDF) && isShowable(blob)) {
      addBlock(new Document(new Source.Base64(PDF, blob), uri, null));
    } else if (IMAGES.contains(type)) {
      addImage(type, blob, "The resource " + uri);
    } else {
      addText(
          "[The resource %s of type %s, which cannot be shown.]".formatted(uri, named(resource)));
    }
  }

  private void addImage(String mimeType, String data, String what) {
    String type = mimeType.toLowerCase(Locale.ROOT);
    if (IMAGES.contains(type) && isShowable(data)) {
      addBlock(new Image(new Source.Base64(type, data)));
    } else {
      addText(
          "[%s of type %s, which cannot be shown.]"
              .formatted(what, type.isEmpty() ? "unknown" : type));
    }
  }

  /// Whether these are bytes, and no token is in them.
  private boolean isShowable(String base64) {
    if (base64.isEmpty()) {
      return false;
    }
    try {
      return !secret.test(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// Unless a text says the same.
  private void addStructured(JsonNode structured) {
    if (structured.isMissingNode() || structured.isNull()) {
      return;
    }
    boolean said =
        blocks.stream()
            .anyMatch(block -> block instanceof Text(String text) && says(text, structured));
    if (!said) {
      addText(structured.toString());
    }
  }

  private static boolean says(String text, JsonNode structured) {
    try {
      return structured.equals(Json.mapper().readTree(text));
    } catch (JsonProcessingException | StackOverflowError _) {
      return false;
    }
  }

  private void addText(String text) {
    if (!text.isEmpty()) {
      textChars += text.length();
      addBlock(new Text(text));
    }
  }

  private void addBlock(ContentBlock block) {
    if (blocks.size() < McpLimits.BLOCKS_MAX) {
      blocks.add(block);
    } else {
      blocksLeftOut++;
    }
  }

  private List<ContentBlock> finished() {
    List<ContentBlock> shown = isLong() ? cut() : blocks;
    if (blocksLeftOut > 0) {
      shown.add(new Text("[%d more pieces of content are left out.]".formatted(blocksLeftOut)));
    }
    return shown.isEmpty() ? List.of(new Text(EMPTY)) : List.copyOf(shown);
  }

  private List<ContentBlock> cut() {
    List<ContentBlock> shown = new ArrayList<>();
    int left = ToolResult.TEXT_CHARS_MAX;
    for (ContentBlock block : blocks) {
      String text = text(block);
      String cut = text.length() <= left ? text : CallAnswer.beginning(text, left);
      left -= cut.length();
      if (text.isEmpty() || cut.length() == text.length()) {
        shown.add(block);
      } else if (!cut.isEmpty()) {
        shown.add(
            block instanceof Document(_, String title, _)
                ? new Document(new Source.PlainText("text/plain", cut), title, null)
                : new Text(cut));
      }
    }
    return shown;
  }

  private static String text(ContentBlock block) {
    return switch (block) {
      case Text(String text) -> text;
      case Document(Source.PlainText(_, String text), _, _) -> text;
      default -> "";
    };
  }

  private static String named(JsonNode block) {
    String type = word(block, "mimeType");
    return type.isEmpty() ? "unknown" : type;
  }

  /// A short text of a block.
  private static String word(JsonNode block, String field) {
    String text = block.path(field).asText("");
    return text.length() > WORD_CHARS_MAX ? CallAnswer.beginning(text, WORD_CHARS_MAX) : text;
  }
}
