package io.steward.vaultproxy.message;

/// Why a head was not read. The message is a sentence for the client.
public final class HeadRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  HeadRefusedException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  public int status() {
    return status;
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
