package io.steward.vaultproxy.outbound;

import java.util.Locale;
import java.util.Map;

/// What came of one request.
public sealed interface Answer {
  /// @param body empty when the request did not want it
  record Response(Head head, Body body) implements Answer {}

  /// There is no answer.
  record Failed(Failure why) implements Answer {}

  /// Why there is no answer. What was asked may have been done, except for the first three.
  enum Failure {
    NO_ADDRESS("The host has no address."),
    UNREACHABLE("The host cannot be connected to."),
    INSECURE(
        "No secure connection to the host can be made: its certificate is not trusted for its name,"
            + " or its TLS is out of date."),
    BROKEN("The host did not send a complete answer."),
    LATE("The host did not answer in time."),
    INTERRUPTED("The request was interrupted.");

    private final String sentence;

    Failure(String sentence) {
      this.sentence = sentence;
    }

    public String sentence() {
      return sentence;
    }

    /// Whether something may have arrived.
    public boolean wasSent() {
      return switch (this) {
        case NO_ADDRESS, UNREACHABLE, INSECURE -> false;
        case BROKEN, LATE, INTERRUPTED -> true;
      };
    }
  }

  /// The bytes of a body, as they were sent.
  ///
  /// @param whole whether these are all that were wanted, and not just as many as may be
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Body(byte[] bytes, boolean whole) {
    public static final Body NONE = new Body(new byte[0], true);
  }

  /// The start of a response.
  ///
  /// @param headers by name in lower case; of several with one name, the first
  record Head(int status, Map<String, String> headers) {
    private static final int OK = 200;
    private static final int MULTIPLE_CHOICES = 300;

    public Head {
      headers = Map.copyOf(headers);
    }

    /// The header of that name, stripped; empty when there is none.
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "").strip();
    }

    public boolean redirects() {
      boolean moved =
          switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
          };
      return moved && !header("location").isEmpty();
    }

    public boolean successful() {
      return status >= OK && status < MULTIPLE_CHOICES;
    }

    /// Nothing was asked for but the plain bytes; a server that packs them anyway is not unpacked
    /// for, because a little can become a lot.
    public boolean packed() {
      String encoding = header("content-encoding");
      return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    }
  }
}
