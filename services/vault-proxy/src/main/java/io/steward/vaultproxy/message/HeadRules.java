package io.steward.vaultproxy.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether the head of an HTTP/1 request can be read in one way only. Stricter than RFC 9112 asks:
/// what two readers could take differently is refused, not mended. Pure.
public final class HeadRules {
  /// Bytes of the head of a request.
  public static final int BYTES_MAX = 32_768;

  static final int FIELDS_MAX = 200;

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern REQUEST_LINE =
      Pattern.compile("(" + TOKEN + ") ([!-~]+) HTTP/1\\.([01])");
  private static final Pattern FIELD = Pattern.compile("(" + TOKEN + "):([\t -~\\x80-\\xff]*)");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private final boolean connect;
  private final boolean old;
  private final List<String> lengths = new ArrayList<>();
  private final List<String> encodings = new ArrayList<>();
  private int hosts;
  private int authorizations;

  private HeadRules(boolean connect, boolean old) {
    this.connect = connect;
    this.old = old;
  }

  /// What is wrong with `head`, as a sentence; empty when nothing is.
  ///
  /// @param head from the request line to the empty line, which is the last one
  static Optional<String> violation(byte[] head) {
    String[] lines = new String(head, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    Matcher first = REQUEST_LINE.matcher(lines[0]);
    if (!first.matches()) {
      return Optional.of("The request line is not one of HTTP/1.");
    }
    HeadRules rules = new HeadRules(first.group(1).equals("CONNECT"), first.group(3).equals("0"));
    int fields = lines.length - 3; // The request line, the empty line, what follows it.
    if (fields > FIELDS_MAX) {
      return Optional.of("A request has at most " + FIELDS_MAX + " header fields.");
    }
    for (int i = 1; i <= fields; i++) {
      Matcher field = FIELD.matcher(lines[i]);
      if (!field.matches()) {
        return Optional.of(
            "A header field is a name, a colon and a value on one line, without space before the"
                + " colon and without control characters.");
      }
      rules.see(field.group(1).toLowerCase(Locale.ROOT), field.group(2).strip());
    }
    return rules.framing();
  }

  private void see(String name, String value) {
    switch (name) {
      case "content-length" -> lengths.add(value);
      case "transfer-encoding" -> encodings.add(value);
      case "host" -> hosts++;
      case "proxy-authorization" -> authorizations++;
      default -> {}
    }
  }

  private Optional<String> framing() {
    if (hosts > 1 || hosts == 0 && !old) {
      return Optional.of("A request has one Host header.");
    }
    if (authorizations > 1) {
      return Optional.of("A request has one Proxy-Authorization header.");
    }
    if (lengths.size() + encodings.size() > 1) {
      return Optional.of("A request has one Content-Length or one Transfer-Encoding, not both.");
    }
    if (connect && lengths.size() + encodings.size() > 0) {
      return Optional.of("CONNECT has no body.");
    }
    if (!lengths.stream().allMatch(length -> LENGTH.matcher(length).matches())) {
      return Optional.of("Content-Length is a number of bytes.");
    }
    boolean chunked = encodings.stream().allMatch(encoding -> encoding.equalsIgnoreCase("chunked"));
    if (!chunked || old && !encodings.isEmpty()) {
      return Optional.of("The only Transfer-Encoding is chunked, in HTTP/1.1.");
    }
    return Optional.empty();
  }
}
