package io.steward.sessionlog.files;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.net.FileNameMap;
import java.net.URLConnection;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a file may be called, what type it has, and how long it may live. Source:
/// contract/platform.md §5.2.
final class FileRules {
  /// The largest file, in bytes.
  static final long FILE_BYTES_MAX = 500L * 1024 * 1024;

  private static final int NAME_CHARS_MAX = 255;
  private static final int SHOWN_CHARS_MAX = 80;
  private static final Duration EXPIRY_MIN = Duration.ofHours(1);
  private static final Duration EXPIRY_MAX = Duration.ofDays(90);
  private static final String UNKNOWN_TYPE = "application/octet-stream";
  private static final Pattern ID = Pattern.compile("file_[A-Za-z0-9_-]{1,100}");
  private static final Pattern FORBIDDEN = Pattern.compile("[<>:\"|?*\\\\/\\x00-\\x1f]");
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "\\s*([A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100})\\s*(;.*)?",
          Pattern.DOTALL);
  private static final FileNameMap TYPES = URLConnection.getFileNameMap();

  /// For files without a name.
  private static final Map<String, String> EXTENSIONS =
      Map.ofEntries(
          Map.entry("application/json", ".json"),
          Map.entry("application/pdf", ".pdf"),
          Map.entry("application/xml", ".xml"),
          Map.entry("application/zip", ".zip"),
          Map.entry("image/gif", ".gif"),
          Map.entry("image/jpeg", ".jpg"),
          Map.entry("image/png", ".png"),
          Map.entry("image/webp", ".webp"),
          Map.entry("text/csv", ".csv"),
          Map.entry("text/html", ".html"),
          Map.entry("text/markdown", ".md"),
          Map.entry("text/plain", ".txt"));

  private FileRules() {}

  /// Whether a text may be the id of a file.
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /// The type a file is stored with: what its part says, in lower case and without parameters; by
  /// its name when that says nothing.
  static String mediaType(@Nullable String declared, @Nullable String filename) {
    Matcher form = MEDIA_TYPE.matcher(declared == null ? "" : declared);
    String type = form.matches() ? form.group(1).toLowerCase(Locale.ROOT) : UNKNOWN_TYPE;
    if (!type.equals(UNKNOWN_TYPE) || filename == null) {
      return type;
    }
    String guessed = TYPES.getContentTypeFor(filename.toLowerCase(Locale.ROOT));
    return guessed == null ? UNKNOWN_TYPE : guessed;
  }

  /// The name a file is stored with: the last component of the name it was sent with.
  ///
  /// @throws ApiException 400 when it breaks a rule
  static String filename(@Nullable String sent, String mediaType) {
    String name = sent == null ? "" : sent.substring(sent.lastIndexOf('/') + 1);
    if (name.isEmpty()) {
      return "unnamed" + EXTENSIONS.getOrDefault(mediaType, "");
    }
    if (FORBIDDEN.matcher(name).find()) {
      throw refused(name, "must not have any of < > : \" | ? * \\ or a control character");
    }
    if (name.equals(".") || name.equals("..")) {
      throw refused(name, "must be the name of a file");
    }
    int chars = name.codePointCount(0, name.length());
    if (chars > NAME_CHARS_MAX) {
      throw refused(name, "must have at most " + NAME_CHARS_MAX + " characters, not " + chars);
    }
    return name;
  }

  /// How long a file is to live.
  ///
  /// @throws ApiException 400 when it is not a whole number of seconds within the limits
  static Duration expiry(String seconds) {
    if (seconds.matches("\\d{1,9}")) {
      Duration expiry = Duration.ofSeconds(Long.parseLong(seconds));
      if (expiry.compareTo(EXPIRY_MIN) >= 0 && expiry.compareTo(EXPIRY_MAX) <= 0) {
        return expiry;
      }
    }
    throw new ApiException(
        ApiError.invalid(
            "`expires_in_seconds` is \"%s\", but must be a whole number from %d to %d."
                .formatted(shown(seconds), EXPIRY_MIN.toSeconds(), EXPIRY_MAX.toSeconds())));
  }

  /// Text of a client as a message may repeat it.
  static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "�");
    return printable.length() <= SHOWN_CHARS_MAX
        ? printable
        : printable.substring(0, SHOWN_CHARS_MAX) + "…";
  }

  private static ApiException refused(String name, String rule) {
    return new ApiException(
        ApiError.invalid("The filename of `file` is \"" + shown(name) + "\", but " + rule + "."));
  }
}
