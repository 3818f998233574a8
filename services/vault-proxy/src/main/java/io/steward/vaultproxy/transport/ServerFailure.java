package io.steward.vaultproxy.transport;

/// Why a server gave no answer to a message. The message is a sentence that may be shown to a
/// model: it names no secret and nothing the server said.
public final class ServerFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final Reason reason;
  private final int status;

  /// What is known of a message that has no answer.
  public enum Reason {
    /// Nothing was sent.
    NOT_SENT,
    /// It was refused as it came.
    REFUSED,
    /// It was refused for want of a credential that counts.
    AUTHENTICATION,
    /// It was refused because the server forgot the MCP session.
    LOST_SESSION,
    /// It was sent, and the server may have acted on it.
    BROKEN,
    /// As before: no answer came in time.
    LATE,
    /// As before: nobody waits for an answer any more.
    STOPPED,
    /// There is an answer that nobody can read.
    UNREADABLE,
    /// There is an answer larger than the limit.
    TOO_LARGE;

    /// Whether it says something about the server, and not just about one message: then what is
    /// connected is of no use any more.
    public boolean isOfServer() {
      return switch (this) {
        case NOT_SENT, REFUSED, AUTHENTICATION, LOST_SESSION, BROKEN, UNREADABLE -> true;
        case LATE, STOPPED, TOO_LARGE -> false;
      };
    }
  }

  ServerFailure(Reason reason, String sentence) {
    this(reason, sentence, 0);
  }

  ServerFailure(Reason reason, String sentence, int status) {
    super(sentence, null, false, false);
    this.reason = reason;
    this.status = status;
  }

  /// A failure found by those who read answers.
  public static ServerFailure unreadable(String sentence) {
    return new ServerFailure(Reason.UNREADABLE, sentence);
  }

  /// A failure found before anything was sent.
  public static ServerFailure notSent(String sentence) {
    return new ServerFailure(Reason.NOT_SENT, sentence);
  }

  static ServerFailure late(Exchange exchange) {
    return exchange.isStopped()
        ? stopped()
        : new ServerFailure(
            Reason.LATE,
            "The MCP server did not answer within " + exchange.timeMax().toSeconds() + " seconds.");
  }

  static ServerFailure broken(Exchange exchange) {
    return exchange.isStopped()
        ? stopped()
        : new ServerFailure(
            Reason.BROKEN, "The connection to the MCP server broke before it answered.");
  }

  private static ServerFailure stopped() {
    return new ServerFailure(Reason.STOPPED, "The message to the MCP server was given up.");
  }

  static ServerFailure refused(int status) {
    return new ServerFailure(
        status >= 500 ? Reason.BROKEN : Reason.REFUSED,
        "The MCP server answered with status " + status + ".",
        status);
  }

  public Reason reason() {
    return reason;
  }

  /// The status the server answered with; 0 when that is not what failed.
  int status() {
    return status;
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
