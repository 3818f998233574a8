package io.steward.sessionlog.http;

import java.nio.charset.StandardCharsets;

/// The header `content-disposition` of a file to keep. Source: RFC 6266, RFC 8187.
final class ContentDisposition {
  private static final String PLAIN = "!#$&+-.^_`|~"; // attr-char of RFC 8187 beside alphanumerics

  private ContentDisposition() {}

  /// `attachment` with the name twice: in ASCII for old readers, and as it is.
  static String attachment(String filename) {
    StringBuilder ascii = new StringBuilder();
    filename
        .codePoints()
        .forEach(
            c -> ascii.appendCodePoint(c >= ' ' && c < 0x7f && c != '"' && c != '\\' ? c : '_'));
    StringBuilder encoded = new StringBuilder();
    for (byte b : filename.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= '0' && c <= '9')
              || (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || PLAIN.indexOf(c) >= 0;
      encoded.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
  }
}
