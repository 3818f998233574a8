package io.steward.sandbox.shim;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// What a sandbox remembers of a call, see `tool_recall` in the script `tools`.
public sealed interface Recalled {
  /// A command, which ended or still runs. Its output tells.
  ///
  /// @param token of the shell it was given to
  /// @param timeout what it was given, from its start
  record Command(String token, Duration timeout) implements Recalled {}

  /// A file was to be written.
  ///
  /// @param note as it came with the call
  /// @param answer of the tool
  record Stored(String note, byte[] answer) implements Recalled {}

  /// It only looked at files. What it saw is not kept.
  record Looked() implements Recalled {}

  /// It never reached the sandbox and will never run there.
  record Never() implements Recalled {}

  /// Nobody asked for a call.
  ///
  /// @param shell token of the shell that lives
  record Nothing(Optional<String> shell) implements Recalled {}

  /// The sandbox does not know either, or did not answer.
  record Unknown() implements Recalled {}

  /// Reads an answer; what breaks the rules is unknown.
  static Recalled parse(byte[] answer) {
    String[] fields = new String(answer, StandardCharsets.ISO_8859_1).split("\0", 5);
    if (fields.length < 3 || !fields[0].equals("ok")) {
      return new Unknown();
    }
    return switch (fields[2]) {
      case "" -> new Nothing(fields[1].isEmpty() ? Optional.empty() : Optional.of(fields[1]));
      case "shell" -> fields.length < 5 ? new Unknown() : command(fields);
      case "store" -> fields.length < 5 ? new Unknown() : stored(answer, fields);
      case "read" -> new Looked();
      case "never" -> new Never();
      default -> new Unknown();
    };
  }

  private static Recalled command(String[] fields) {
    String[] rest = fields[4].split("\0");
    try {
      return new Command(fields[3], Duration.ofMillis(Long.parseLong(rest[1])));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return new Command(fields[3], Duration.ZERO);
    }
  }

  private static Stored stored(byte[] answer, String[] fields) {
    return new Stored(
        new String(fields[3].getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
        Arrays.copyOfRange(answer, answer.length - fields[4].length(), answer.length));
  }
}
