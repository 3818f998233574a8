package io.steward.sandbox.driver;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/// Between names of files, which are bytes, and text, which is UTF-8, whatever the locale of this
/// process: `Path.of` and `Path.toString` lose characters in the locale that services often have.
public final class FileNames {
  private static final Path NOWHERE = Path.of("/dev/null");

  private FileNames() {}

  /// The name as text, or empty when it is not UTF-8 or holds a control character.
  public static Optional<String> text(Path name) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(name))).toString();
      return text.codePoints().anyMatch(Character::isISOControl)
          ? Optional.empty()
          : Optional.of(text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /// The bytes of a path, one character each (ISO 8859-1), so that nothing is lost.
  public static String raw(Path path) {
    String text = path.toString();
    if (text.chars().allMatch(c -> c > 0 && c < 0x80)) {
      return text;
    }
    StringBuilder raw = new StringBuilder();
    for (Path name : path) {
      raw.append(raw.isEmpty() && !path.isAbsolute() ? "" : "/");
      raw.append(new String(bytes(name), StandardCharsets.ISO_8859_1));
    }
    return raw.toString();
  }

  /// The path below `parent` whose bytes are `raw`, as [#raw] gives them.
  ///
  /// @throws IllegalArgumentException when a component is no name of a file
  public static Path belowRaw(Path parent, String raw) {
    Path path = parent;
    for (String name : raw.split("/", -1)) {
      path = below(path, name, StandardCharsets.ISO_8859_1);
    }
    return path;
  }

  /// The text of a symlink, as [#raw] gives it.
  ///
  /// @throws IllegalArgumentException when it is empty
  public static Path link(String raw) {
    if (raw.isEmpty() || raw.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not the text of a symlink");
    }
    Path path = Path.of(raw.startsWith("/") ? "/" : "");
    for (String name : raw.split("/")) {
      if (name.equals(".") || name.equals("..")) {
        path = path.resolve(name);
      } else if (!name.isEmpty()) {
        path = below(path, name, StandardCharsets.ISO_8859_1);
      }
    }
    return path;
  }

  /// `name`, one component of a path, below `parent`.
  ///
  /// @throws IllegalArgumentException when it is no such name
  public static Path below(Path parent, String name) {
    return below(parent, name, StandardCharsets.UTF_8);
  }

  private static Path below(Path parent, String name, Charset charset) {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not the name of a file: " + name);
    }
    if (name.chars().allMatch(c -> c < 0x80)) {
      return parent.resolve(name);
    }
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : name.getBytes(charset)) {
      uri.append('%').append(HexFormat.of().toHexDigits(b));
    }
    return parent.resolve(Path.of(URI.create(uri.toString())).getFileName());
  }

  /// The bytes of a name. Only the URI of a path shows them; nothing is below `/dev/null`, so that
  /// making the URI finds no directory and adds no slash.
  static byte[] bytes(Path name) {
    String encoded = NOWHERE.resolve(name.getFileName()).toUri().getRawPath();
    byte[] raw = encoded.substring("/dev/null/".length()).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        bytes.put(
            (byte)
                HexFormat.fromHexDigits(
                    encoded, "/dev/null/".length() + i + 1, "/dev/null/".length() + i + 3));
        i += 2;
      } else {
        bytes.put(raw[i]);
      }
    }
    byte[] name0 = new byte[bytes.position()];
    bytes.flip().get(name0);
    return name0;
  }
}
