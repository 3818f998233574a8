package io.steward.sessionlog.send;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.http.Field;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads content blocks that a client sends. Whether the files they name exist is not known here.
/// Source: contract/events.md §6.1.
final class ContentParser {
  /// How many blocks a content may have.
  static final int BLOCKS_MAX = 1_000;

  /// The largest image, in bytes.
  static final int IMAGE_BYTES_MAX = 5 * 1024 * 1024;

  /// The largest PDF document, in bytes.
  static final int PDF_BYTES_MAX = 32 * 1024 * 1024;

  static final String PDF = "application/pdf";
  static final Set<String> IMAGE_TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private static final int FILE_ID_CHARS_MAX = 128;
  private static final int URL_CHARS_MAX = 8_192;
  private static final int TITLE_CHARS_MAX = 4_096;
  private static final int ANY = Integer.MAX_VALUE;

  private ContentParser() {}

  /// The content of a message: at least one block.
  static List<ContentBlock> message(Field content) {
    return content.elements(1, BLOCKS_MAX).stream().map(block -> block(block, false)).toList();
  }

  /// The content of a tool result, or null when there is none.
  static @Nullable List<ContentBlock> toolResult(Field content) {
    return content.absent()
        ? null
        : content.elements(0, BLOCKS_MAX).stream().map(block -> block(block, true)).toList();
  }

  /// A list of text blocks.
  static List<ContentBlock.Text> texts(Field content, int min, int max) {
    List<ContentBlock.Text> texts = new ArrayList<>();
    for (Field block : content.elements(min, max)) {
      if (!block.field("type").text().equals("text")) {
        throw block.field("type").refused("must be \"text\"");
      }
      texts.add(new ContentBlock.Text(block.field("text").text()));
    }
    return texts;
  }

  private static ContentBlock block(Field block, boolean toolResult) {
    Field type = block.field("type");
    return switch (type.text()) {
      case "text" -> new ContentBlock.Text(block.field("text").text());
      case "image" -> new ContentBlock.Image(imageSource(block.field("source")));
      case "document" ->
          new ContentBlock.Document(
              documentSource(block.field("source")),
              block.field("title").optionalText(TITLE_CHARS_MAX),
              block.field("context").optionalText(ANY));
      case "search_result" -> {
        if (!toolResult) {
          throw type.refused("is allowed in tool results only");
        }
        yield searchResult(block);
      }
      case "redacted" -> throw type.refused("may not be sent by a client");
      default ->
          throw type.refused(
              toolResult
                  ? "must be one of \"text\", \"image\", \"document\", \"search_result\""
                  : "must be one of \"text\", \"image\", \"document\"");
    };
  }

  private static ContentBlock searchResult(Field block) {
    return new ContentBlock.SearchResult(
        block.field("source").text(1, URL_CHARS_MAX),
        block.field("title").text(0, TITLE_CHARS_MAX),
        texts(block.field("content"), 0, BLOCKS_MAX),
        new ContentBlock.Citations(block.field("citations").field("enabled").flag()));
  }

  private static ContentBlock.Source imageSource(Field source) {
    Field type = source.field("type");
    return switch (type.text()) {
      case "base64" -> {
        Field media = source.field("media_type");
        if (!IMAGE_TYPES.contains(media.text())) {
          throw media.refused(
              "must be one of \"image/png\", \"image/jpeg\", \"image/gif\", \"image/webp\"");
        }
        yield new ContentBlock.Source.Base64(
            media.text(), base64(source.field("data"), IMAGE_BYTES_MAX));
      }
      case "url" -> new ContentBlock.Source.Url(url(source.field("url")));
      case "file" -> file(source);
      default -> throw type.refused("must be one of \"base64\", \"url\", \"file\"");
    };
  }

  private static ContentBlock.Source documentSource(Field source) {
    Field type = source.field("type");
    return switch (type.text()) {
      case "base64" -> {
        Field media = source.field("media_type");
        if (!media.text().equals(PDF)) {
          throw media.refused("must be \"application/pdf\"; text goes into a source of type text");
        }
        yield new ContentBlock.Source.Base64(
            media.text(), base64(source.field("data"), PDF_BYTES_MAX));
      }
      case "url" -> new ContentBlock.Source.Url(url(source.field("url")));
      case "file" -> file(source);
      case "text" -> {
        Field media = source.field("media_type");
        if (!media.text().equals("text/plain")) {
          throw media.refused("must be \"text/plain\"");
        }
        yield new ContentBlock.Source.PlainText(media.text(), source.field("data").text());
      }
      default -> throw type.refused("must be one of \"base64\", \"url\", \"file\", \"text\"");
    };
  }

  private static ContentBlock.Source file(Field source) {
    return new ContentBlock.Source.File(source.field("file_id").text(1, FILE_ID_CHARS_MAX));
  }

  private static String url(Field field) {
    String text = field.text(1, URL_CHARS_MAX);
    try {
      URI uri = URI.create(text);
      boolean http =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (http && uri.getHost() != null) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      throw field.refused("must be an absolute http or https URL");
    }
    throw field.refused("must be an absolute http or https URL");
  }

  private static String base64(Field field, int bytesMax) {
    String text = field.text();
    int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    boolean valid = text.length() % 4 == 0 && text.length() > padding;
    for (int i = 0; valid && i < text.length() - padding; i++) {
      char c = text.charAt(i);
      valid =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '+'
              || c == '/';
    }
    if (!valid) {
      throw new ApiException(ApiError.invalid("`" + field.path() + "` is not valid base64."));
    }
    long bytes = text.length() / 4 * 3L - padding;
    if (bytes > bytesMax) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d bytes once decoded, but may have %,d."
                  .formatted(field.path(), bytes, bytesMax)));
    }
    return text;
  }
}
