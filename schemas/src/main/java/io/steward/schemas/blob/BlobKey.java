package io.steward.schemas.blob;

import java.util.regex.Pattern;

/// What a key may be: names with slashes between them, none of which begins with a dot or a dash.
public final class BlobKey {
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*");

  private BlobKey() {}

  /// Whether `key` is one.
  public static boolean isOne(String key) {
    return KEY.matcher(key).matches();
  }

  /// The same key.
  ///
  /// @throws IllegalArgumentException when it is none
  public static String checked(String key) {
    if (!isOne(key)) {
      throw new IllegalArgumentException("not a blob key: " + key);
    }
    return key;
  }
}
