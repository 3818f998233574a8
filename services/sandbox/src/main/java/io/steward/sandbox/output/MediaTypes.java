package io.steward.sandbox.output;

import java.io.IOException;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Guesses media types: by the extension of the name, else by whether the file begins as text.
final class MediaTypes {
  private static final Pattern EXTENSION = Pattern.compile("[A-Za-z0-9_+-]{1,16}");
  private static final String TEXT = "text/plain";
  private static final String UNKNOWN = "application/octet-stream";

  private MediaTypes() {}

  /// @param path with slashes
  /// @param head the first bytes of the file
  static String of(String path, byte[] head) {
    String byName = byExtension(path.substring(path.lastIndexOf('.') + 1));
    if (byName != null) {
      return byName;
    }
    return isText(head) ? TEXT : UNKNOWN;
  }

  private static @Nullable String byExtension(String extension) {
    if (!EXTENSION.matcher(extension).matches()) {
      return null;
    }
    String name = "file." + extension.toLowerCase(Locale.ROOT);
    try {
      String probed = Files.probeContentType(Path.of(name));
      return probed != null ? probed : URLConnection.guessContentTypeFromName(name);
    } catch (IOException e) {
      return URLConnection.guessContentTypeFromName(name);
    }
  }

  private static boolean isText(byte[] head) {
    for (byte b : head) {
      boolean control = b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f';
      if (control && b != 0x1b) {
        return false;
      }
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    CoderResult result =
        decoder.decode(ByteBuffer.wrap(head), CharBuffer.allocate(head.length + 1), false);
    return !result.isError();
  }
}
