package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of content in a message or a tool result. Source: contract/events.md §6.1.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ContentBlock.Text.class, name = "text"),
  @JsonSubTypes.Type(value = ContentBlock.Image.class, name = "image"),
  @JsonSubTypes.Type(value = ContentBlock.Document.class, name = "document"),
  @JsonSubTypes.Type(value = ContentBlock.SearchResult.class, name = "search_result"),
  @JsonSubTypes.Type(value = ContentBlock.Redacted.class, name = "redacted")
})
public sealed interface ContentBlock {

  /// Plain text, at least one character when a client sends it.
  record Text(String text) implements ContentBlock {}

  /// A picture.
  record Image(Source source) implements ContentBlock {}

  /// A document with an optional title and context for the model.
  record Document(Source source, @Nullable String title, @Nullable String context)
      implements ContentBlock {}

  /// One hit of a search, in tool results only.
  record SearchResult(String source, String title, List<Text> content, Citations citations)
      implements ContentBlock {}

  /// Content the server does not show. Clients may not send it.
  record Redacted() implements ContentBlock {}

  /// Whether the model may cite a search result.
  record Citations(boolean enabled) {}

  /// Where the bytes of an image or a document come from.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Source.Base64.class, name = "base64"),
    @JsonSubTypes.Type(value = Source.Url.class, name = "url"),
    @JsonSubTypes.Type(value = Source.File.class, name = "file"),
    @JsonSubTypes.Type(value = Source.PlainText.class, name = "text")
  })
  sealed interface Source {
    /// The bytes themselves.
    record Base64(String mediaType, String data) implements Source {}

    /// An address the model provider fetches.
    record Url(String url) implements Source {}

    /// A file of the Files API.
    record File(String fileId) implements Source {}

    /// Text of a document; `mediaType` is `text/plain`.
    record PlainText(String mediaType, String data) implements Source {}
  }
}
