package io.steward.sandbox.tool;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a file tool inside the sandbox answered: `ok` or `error`, fields that end in NUL, and a
/// body.
record HelperAnswer(boolean ok, byte[] bytes, int bodyFrom) {
  static HelperAnswer parse(byte[] bytes) {
    int end = indexOfNul(bytes, 0);
    String first = new String(bytes, 0, end, StandardCharsets.US_ASCII);
    return new HelperAnswer(first.equals("ok"), bytes, Math.min(bytes.length, end + 1));
  }

  /// The first field behind the status, or empty.
  String field() {
    int end = indexOfNul(bytes, bodyFrom);
    return new String(bytes, bodyFrom, end - bodyFrom, StandardCharsets.UTF_8);
  }

  /// This answer without its first field.
  HelperAnswer rest() {
    return new HelperAnswer(ok, bytes, Math.min(bytes.length, indexOfNul(bytes, bodyFrom) + 1));
  }

  byte[] body() {
    return Arrays.copyOfRange(bytes, bodyFrom, bytes.length);
  }

  /// The body as texts that end in NUL.
  List<String> texts() {
    List<String> all = new ArrayList<>();
    HelperAnswer left = this;
    while (left.bodyFrom < bytes.length) {
      all.add(left.field());
      left = left.rest();
    }
    return all;
  }

  private static int indexOfNul(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != 0) {
      at++;
    }
    return at;
  }
}
