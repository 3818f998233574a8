package io.steward.vaultproxy.web;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a server says a page is.
///
/// @param name as in `text/html`, lower case, without parameters; empty when it says nothing
/// @param charset if it names one this Java knows
record MediaType(String name, Optional<Charset> charset) {
  private static final String HTML = "text/html";
  private static final String PDF = "application/pdf";
  private static final int SEEN_BYTES_MAX = 512;
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9!#$&^_.+-]{1,50}/[a-z0-9!#$&^_.+-]{1,100}");
  private static final Pattern CHARSET =
      Pattern.compile(";\\s*charset\\s*=\\s*[\"']?([^\"';\\s]+)", Pattern.CASE_INSENSITIVE);

  /// Text, although their names do not say so.
  private static final Set<String> TEXTS =
      Set.of(
          "application/json",
          "application/x-ndjson",
          "application/xml",
          "application/javascript",
          "application/yaml",
          "application/x-yaml",
          "application/toml",
          "application/x-sh",
          "application/sql",
          "application/rtf");

  private static final Set<String> UNKNOWN = Set.of("", "application/octet-stream");

  /// How a page of this type is read. One of an unknown type is looked at first.
  enum Kind {
    HTML,
    TEXT,
    PDF,
    UNKNOWN,
    NONE
  }

  static MediaType parse(String header) {
    int parameters = header.indexOf(';');
    String name =
        (parameters < 0 ? header : header.substring(0, parameters))
            .strip()
            .toLowerCase(Locale.ROOT);
    return new MediaType(NAME.matcher(name).matches() ? name : "", charset(header));
  }

  Kind kind() {
    if (name.equals(HTML) || name.equals("application/xhtml+xml")) {
      return Kind.HTML;
    }
    if (name.equals(PDF) || name.equals("application/x-pdf")) {
      return Kind.PDF;
    }
    boolean text =
        name.startsWith("text/")
            || TEXTS.contains(name)
            || name.endsWith("+json")
            || name.endsWith("+xml") && !name.startsWith("image/");
    if (text) {
      return Kind.TEXT;
    }
    return UNKNOWN.contains(name) ? Kind.UNKNOWN : Kind.NONE;
  }

  /// The type of a page whose server does not say it.
  MediaType seen(byte[] body) {
    if (kind() != Kind.UNKNOWN) {
      return this;
    }
    int length = Math.min(body.length, SEEN_BYTES_MAX);
    String start = new String(body, 0, length, StandardCharsets.ISO_8859_1);
    String lower = start.strip().toLowerCase(Locale.ROOT);
    if (start.startsWith("%PDF-")) {
      return new MediaType(PDF, charset);
    }
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return new MediaType(HTML, charset);
    }
    boolean binary = start.chars().anyMatch(c -> c < ' ' && "\t\n\f\r".indexOf(c) < 0);
    return name.isEmpty() && !binary ? new MediaType("text/plain", charset) : this;
  }

  private static Optional<Charset> charset(String header) {
    Matcher matcher = CHARSET.matcher(header);
    try {
      return matcher.find() && Charset.isSupported(matcher.group(1))
          ? Optional.of(Charset.forName(matcher.group(1)))
          : Optional.empty();
    } catch (IllegalCharsetNameException e) {
      return Optional.empty();
    }
  }
}
