package io.steward.sessionlog.files;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.fileupload.FileItemIterator;
import org.apache.commons.fileupload.FileItemStream;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.FileUploadException;
import org.apache.commons.fileupload.InvalidFileNameException;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.UploadContext;
import org.jspecify.annotations.Nullable;

/// What an upload says about its file, whatever the order of its parts. The bytes go to a sink as
/// they come. Source: contract/platform.md §5.2.
///
/// @param sizeBytes of what went to the sink
/// @param expiry how long the file is to live; empty for ever
record UploadForm(String filename, String mediaType, long sizeBytes, Optional<Duration> expiry) {
  private static final String FILE = "file";
  private static final String EXPIRES = "expires_in_seconds";
  private static final int PART_HEADERS_BYTES_MAX = 16 * 1024;
  private static final int TEXT_BYTES_MAX = 64;

  /// Where the bytes of the file go.
  @FunctionalInterface
  interface Sink {
    /// Stores everything `content` holds.
    ///
    /// @return how many bytes that was
    long store(InputStream content) throws IOException;
  }

  /// Reads a whole form.
  ///
  /// @throws ApiException 400 when it breaks a rule, 413 when the file is too large; the sink may
  ///   have stored the file then
  /// @throws IOException as `body` or `sink` throw
  static UploadForm read(@Nullable String contentType, InputStream body, Sink sink)
      throws IOException {
    if (contentType == null
        || !contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
      throw refused("The content-type must be multipart/form-data.");
    }
    FileUpload parser = new FileUpload();
    parser.setPartHeaderSizeMax(PART_HEADERS_BYTES_MAX);
    parser.setHeaderEncoding(StandardCharsets.UTF_8.name());
    Reading reading = new Reading(sink);
    try {
      FileItemIterator parts = parser.getItemIterator(new Source(contentType, body));
      while (parts.hasNext()) {
        reading.take(parts.next());
      }
    } catch (FileUploadException | MultipartStream.MalformedStreamException e) {
      throw malformed(e);
    } catch (InvalidFileNameException e) {
      throw refused("The filename of `file` must not have a NUL character.");
    }
    return reading.form();
  }

  /// Not every exception the parser throws is about the form.
  private static ApiException malformed(Exception e) throws IOException {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io
          && !(cause instanceof MultipartStream.MalformedStreamException)) {
        throw io;
      }
    }
    return refused("The body is not a complete multipart/form-data form.");
  }

  private static ApiException refused(String message) {
    return new ApiException(ApiError.invalid(message));
  }

  private record Source(String contentType, InputStream body) implements UploadContext {
    @Override
    public String getCharacterEncoding() {
      return StandardCharsets.UTF_8.name();
    }

    @Override
    public String getContentType() {
      return contentType;
    }

    @Override
    @Deprecated
    public int getContentLength() {
      return -1;
    }

    @Override
    public long contentLength() {
      return -1;
    }

    @Override
    public InputStream getInputStream() {
      return body;
    }
  }

  /// The form as far as it was read.
  private static final class Reading {
    private final Sink sink;
    private @Nullable UploadForm file;
    private @Nullable Duration expiry;

    Reading(Sink sink) {
      this.sink = sink;
    }

    void take(FileItemStream part) throws IOException {
      switch (part.getFieldName()) {
        case FILE -> takeFile(part);
        case EXPIRES -> takeExpiry(part);
        case String name ->
            throw refused(
                "`%s` is not a part of this form; it has `file` and `expires_in_seconds`."
                    .formatted(FileRules.shown(name)));
      }
    }

    private void takeFile(FileItemStream part) throws IOException {
      if (file != null) {
        throw refused("`file` comes twice, but must come once.");
      }
      String sent = part.getName();
      String mediaType = FileRules.mediaType(part.getContentType(), sent);
      String filename = FileRules.filename(sent, mediaType);
      try (InputStream content = new LimitedStream(part.openStream(), FileRules.FILE_BYTES_MAX)) {
        file = new UploadForm(filename, mediaType, sink.store(content), Optional.empty());
      }
    }

    private void takeExpiry(FileItemStream part) throws IOException {
      if (expiry != null) {
        throw refused("`expires_in_seconds` comes twice, but must come at most once.");
      }
      try (InputStream content = part.openStream()) {
        byte[] text = content.readNBytes(TEXT_BYTES_MAX + 1);
        expiry = FileRules.expiry(new String(text, StandardCharsets.UTF_8).strip());
      }
    }

    UploadForm form() {
      if (file == null) {
        throw refused("`file` is missing.");
      }
      return new UploadForm(
          file.filename(), file.mediaType(), file.sizeBytes(), Optional.ofNullable(expiry));
    }
  }
}
