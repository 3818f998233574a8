package io.steward.schemas.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// How clients prove to brokers who they are, and brokers to clients: the operator's file, in the
/// form of Java properties, which every Kafka client of Steward starts from. Without a file they
/// use no TLS and no SASL.
///
/// The file may say `security.protocol` and whatever begins with `sasl.` or `ssl.`; everything else
/// is Steward's own to set, and refused. Values are secrets: no message repeats them.
public final class BrokerAccess {
  /// The environment variable with the path of the file.
  public static final String VARIABLE = "STEWARD_KAFKA_CONFIG";

  /// The system property that is asked before the variable.
  public static final String PROPERTY = "steward.kafka.config";

  private static final String PROTOCOL = "security.protocol";
  private static final long BYTES_MAX = 1024 * 1024;

  private BrokerAccess() {}

  /// What a new client of this process starts from, for the caller to add to. The file is read each
  /// time, so that a client that is made anew has what is in it now.
  ///
  /// @throws IllegalStateException with a sentence when the file cannot be used
  public static Map<String, Object> settings() {
    String named = System.getProperty(PROPERTY);
    return settings(named == null ? System.getenv(VARIABLE) : named);
  }

  /// The same from the file at `path`.
  ///
  /// @param path null or empty for none
  static Map<String, Object> settings(@Nullable String path) {
    Map<String, Object> settings = new HashMap<>();
    if (path == null || path.isBlank()) {
      return settings;
    }
    Properties file = read(Path.of(path.strip()));
    for (String key : file.stringPropertyNames()) {
      if (!key.equals(PROTOCOL) && !key.startsWith("sasl.") && !key.startsWith("ssl.")) {
        throw new IllegalStateException(
            VARIABLE
                + " is "
                + path
                + ", which sets "
                + key
                + "; it may only set security.protocol and what begins with sasl. or ssl.");
      }
      settings.put(key, file.getProperty(key).strip());
    }
    return settings;
  }

  private static Properties read(Path path) {
    Properties file = new Properties();
    try {
      if (Files.size(path) > BYTES_MAX) {
        throw new IllegalStateException(
            VARIABLE + " is " + path + ", which has more than " + BYTES_MAX + " bytes.");
      }
      try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
        file.load(reader);
      }
    } catch (IOException e) {
      throw new IllegalStateException(VARIABLE + " is " + path + ", which cannot be read.", e);
    } catch (IllegalArgumentException e) {
      // Its message would quote the file.
      throw new IllegalStateException(
          VARIABLE + " is " + path + ", which has a malformed \\u escape.");
    }
    return file;
  }
}
