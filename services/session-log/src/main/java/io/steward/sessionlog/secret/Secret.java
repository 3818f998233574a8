package io.steward.sessionlog.secret;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// A secret a client sent. Prints as `***`.
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(value);
  }

  @Override
  public String toString() {
    return "***";
  }
}
