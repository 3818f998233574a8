package io.steward.devbox.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Where tools run; the sandbox service knows what each means.
public enum SandboxDriver {
  AUTO,
  BUBBLEWRAP,
  PROCESS,
  NONE;

  /// As in `STEWARD_SANDBOX`.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<SandboxDriver> of(String wireName) {
    return Arrays.stream(values()).filter(driver -> driver.wireName().equals(wireName)).findFirst();
  }

  static String all() {
    return Arrays.stream(values()).map(SandboxDriver::wireName).collect(Collectors.joining(", "));
  }
}
