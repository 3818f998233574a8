package io.steward.sessionlog.send;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.files.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A file of the Files API that an event's content names.
///
/// @param event the event
/// @param at where the request names it, such as `events[0].content[1].source.file_id`
/// @param document whether it is a document, and not an image
public record FileReference(SessionEvent event, String at, String fileId, boolean document) {
  /// How many documents of one request may be files, and how many images.
  static final int FILES_MAX = 100;

  /// The largest text file that can be a document, in bytes: about a million tokens.
  static final int TEXT_BYTES_MAX = 4 * 1024 * 1024;

  private static final String TEXT = "text/";

  /// The files that events name, in order.
  ///
  /// @param list name of the request's list of these events
  /// @throws ApiException 400 when there are too many
  public static List<FileReference> of(String list, List<? extends SessionEvent> events) {
    List<FileReference> references = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      SessionEvent event = events.get(i);
      List<ContentBlock> content = content(event);
      for (int j = 0; j < content.size(); j++) {
        String at = list + "[" + i + "].content[" + j + "].source.file_id";
        FileReference reference = reference(event, at, content.get(j));
        if (reference != null) {
          references.add(reference);
        }
      }
    }
    requireFew(list, references, true, "documents");
    requireFew(list, references, false, "images");
    return List.copyOf(references);
  }

  /// Refuses a file that cannot be what the event says it is.
  ///
  /// @throws ApiException 400 when its type or size is wrong
  public void require(StoredFile file) {
    String type = mediaType(file);
    boolean text = document && type.startsWith(TEXT);
    Set<String> types = document ? Set.of(ContentParser.PDF) : ContentParser.IMAGE_TYPES;
    if (!text && !types.contains(type)) {
      throw refused(
          "its type is " + file.mediaType(),
          document
              ? "a document must be application/pdf or text"
              : "an image must be image/png, image/jpeg, image/gif or image/webp");
    }
    int bytesMax = bytesMax(text);
    if (file.sizeBytes() > bytesMax) {
      throw refused(
          "it has %,d bytes".formatted(file.sizeBytes()), "may have %,d".formatted(bytesMax));
    }
  }

  private int bytesMax(boolean text) {
    if (text) {
      return TEXT_BYTES_MAX;
    }
    return document ? ContentParser.PDF_BYTES_MAX : ContentParser.IMAGE_BYTES_MAX;
  }

  private ApiException refused(String what, String rule) {
    return new ApiException(
        ApiError.invalid("`" + at + "` is \"" + fileId + "\"; " + what + ", but " + rule + "."));
  }

  private static String mediaType(StoredFile file) {
    String type = file.mediaType();
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  private static @Nullable FileReference reference(
      SessionEvent event, String at, ContentBlock block) {
    return switch (block) {
      case ContentBlock.Image(ContentBlock.Source.File(String id)) ->
          new FileReference(event, at, id, false);
      case ContentBlock.Document(ContentBlock.Source.File(String id), _, _) ->
          new FileReference(event, at, id, true);
      default -> null;
    };
  }

  private static List<ContentBlock> content(SessionEvent event) {
    List<ContentBlock> content =
        switch (event) {
          case SessionEvent.UserMessage message -> message.content();
          case SessionEvent.UserCustomToolResult result -> result.content();
          case SessionEvent.UserToolResult result -> result.content();
          default -> null;
        };
    return content == null ? List.of() : content;
  }

  private static void requireFew(
      String list, List<FileReference> references, boolean document, String what) {
    long count = references.stream().filter(each -> each.document() == document).count();
    if (count > FILES_MAX) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d %s that are files, but may have %,d."
                  .formatted(list, count, what, FILES_MAX)));
    }
  }
}
