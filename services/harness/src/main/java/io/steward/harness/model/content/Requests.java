package io.steward.harness.model.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.model.CatalogModel;
import java.util.function.Predicate;

/// Changes of a request on its way to the model.
public final class Requests {
  private Requests() {}

  /// The same request with other messages.
  static ModelRequest with(ModelRequest request, ArrayNode messages) {
    return new ModelRequest(
        request.model(),
        request.maxTokens(),
        request.system(),
        request.tools(),
        request.toolsAllowed(),
        messages,
        request.effort(),
        request.speed(),
        request.inferenceGeo(),
        request.judgedTools(),
        request.attachments());
  }

  /// The request as `model` takes it: by its provider's name of the model, with no longer reply, no
  /// effort and no content than it knows.
  public static ModelRequest fitted(ModelRequest request, CatalogModel model) {
    String effort = request.effort();
    return new ModelRequest(
        model.upstreamId(request.model()),
        Math.min(request.maxTokens(), model.outputTokensMax()),
        request.system(),
        request.tools(),
        request.toolsAllowed(),
        readable(request, model),
        effort != null && model.efforts().contains(effort) ? effort : null,
        request.speed(),
        request.inferenceGeo(),
        request.judgedTools(),
        request.attachments());
  }

  private static ArrayNode readable(ModelRequest request, CatalogModel model) {
    Predicate<JsonNode> unreadable =
        block ->
            (FileBlocks.isImage(block) && !model.images())
                || (FileBlocks.isDocument(block) && !model.documents() && !isText(block, request));
    if (FileBlocks.all(request.messages()).stream().noneMatch(unreadable)) {
      return request.messages();
    }
    ArrayNode readable = request.messages().deepCopy();
    FileBlocks.all(readable).stream()
        .filter(unreadable)
        .forEach(block ->
            FileBlocks.say(
                block, "(Here is %s, which this model cannot read.)".formatted(what(block))));
    return readable;
  }

  /// A document that is text is text to every model.
  private static boolean isText(JsonNode block, ModelRequest request) {
    Attachment file = request.attachments().get(FileBlocks.fileId(block));
    return block.at("/source/type").asText().equals("text")
        || (file != null && file.mediaType().startsWith("text/"));
  }

  private static String what(JsonNode block) {
    return FileBlocks.isImage(block) ? "an image" : "a document";
  }
}
