package io.steward.e2e.stage;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/// An upload of one file as a form, written by hand and never held in memory.
///
/// @param filename as it stands in the form; null for a part without a name
/// @param length of the content, in bytes
public record Multipart(
    @org.jspecify.annotations.Nullable String filename,
    String mediaType,
    long length,
    Supplier<InputStream> content) {
  private static final String BOUNDARY = "steward-boundary-7f3a";

  public static Multipart of(String filename, String mediaType, byte[] content) {
    return new Multipart(
        filename, mediaType, content.length, () -> new ByteArrayInputStream(content));
  }

  /// Sends it with its length in the header, as the SDKs do.
  public Answer post(Api api) throws Exception {
    byte[] head = head();
    byte[] tail = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
    HttpRequest.BodyPublisher stream =
        HttpRequest.BodyPublishers.ofInputStream(() ->
            new SequenceInputStream(
                Collections.enumeration(
                    List.of(
                        new ByteArrayInputStream(head),
                        content.get(),
                        new ByteArrayInputStream(tail)))));
    return api.send(
        api.request("/v1/files")
            .timeout(java.time.Duration.ofMinutes(5))
            .header("content-type", contentType())
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    stream, head.length + length + tail.length)));
  }

  public static String contentType() {
    return "multipart/form-data; boundary=" + BOUNDARY;
  }

  private byte[] head() {
    String name = filename == null ? "" : "; filename=\"" + filename.replace("\"", "%22") + "\"";
    return """
    --%s\r
    content-disposition: form-data; name="file"%s\r
    content-type: %s\r
    \r
    """
        .formatted(BOUNDARY, name, mediaType)
        .getBytes(StandardCharsets.UTF_8);
  }
}
