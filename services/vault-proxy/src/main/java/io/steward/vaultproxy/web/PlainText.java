package io.steward.vaultproxy.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes characters of the bytes of a text. What cannot be decoded becomes a replacement character.
final class PlainText {
  private static final Charset WESTERN = Charset.forName("windows-1252");
  private static final int DECLARATION_BYTES_MAX = 200;
  private static final Pattern XML_ENCODING =
      Pattern.compile("^<\\?xml[^>]*\\sencoding\\s*=\\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']");

  private PlainText() {}

  /// The byte order mark counts most, then the header, then an XML declaration. A text without any
  /// of these is UTF-8 if it can be, and windows-1252 otherwise.
  static String decode(byte[] bytes, Optional<Charset> header) {
    Mark mark = Mark.of(bytes);
    if (mark != Mark.NONE) {
      return new String(bytes, mark.bytes, bytes.length - mark.bytes, mark.charset);
    }
    Optional<Charset> said = header.or(() -> declared(bytes));
    if (said.isPresent()) {
      return new String(bytes, said.get());
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, WESTERN);
    }
  }

  private static Optional<Charset> declared(byte[] bytes) {
    String start =
        new String(
            bytes, 0, Math.min(bytes.length, DECLARATION_BYTES_MAX), StandardCharsets.ISO_8859_1);
    Matcher matcher = XML_ENCODING.matcher(start);
    return matcher.find() && Charset.isSupported(matcher.group(1))
        ? Optional.of(Charset.forName(matcher.group(1)))
        : Optional.empty();
  }

  private enum Mark {
    NONE(0, StandardCharsets.UTF_8),
    EIGHT(3, StandardCharsets.UTF_8, 0xef, 0xbb, 0xbf),
    SIXTEEN_BIG(2, StandardCharsets.UTF_16BE, 0xfe, 0xff),
    SIXTEEN_LITTLE(2, StandardCharsets.UTF_16LE, 0xff, 0xfe);

    private final int bytes;
    private final Charset charset;
    private final int[] mark;

    Mark(int bytes, Charset charset, int... mark) {
      this.bytes = bytes;
      this.charset = charset;
      this.mark = mark;
    }

    private static Mark of(byte[] text) {
      for (Mark mark : values()) {
        if (mark != NONE && mark.begins(text)) {
          return mark;
        }
      }
      return NONE;
    }

    private boolean begins(byte[] text) {
      for (int i = 0; i < mark.length; i++) {
        if (i >= text.length || (text[i] & 0xff) != mark[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
