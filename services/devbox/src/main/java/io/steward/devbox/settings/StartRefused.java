package io.steward.devbox.settings;

/// Steward cannot start, for a reason that the person who started it can cure. The message is one
/// sentence and all that is printed.
public final class StartRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public StartRefused(String sentence) {
    super(sentence);
  }

  public StartRefused(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
