package io.steward.vaultproxy.egress;

/// Somewhere nothing may connect to. The message is a sentence that may be shown to a model: it
/// names what was asked for, never an address that a name stands for.
public final class EgressRefusal extends Exception {
  private static final long serialVersionUID = 1;

  public EgressRefusal(String sentence) {
    super(sentence, null, false, false);
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
