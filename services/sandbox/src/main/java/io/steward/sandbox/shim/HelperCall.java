package io.steward.sandbox.shim;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;

/// Gathers the frames of one file tool. Fed by one thread.
final class HelperCall {
  /// Largest answer of a tool, in bytes. What the tools send stays far below.
  static final int ANSWER_BYTES_MAX = 4 * 1024 * 1024;

  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private final CompletableFuture<HelperEnd> end = new CompletableFuture<>();

  CompletableFuture<HelperEnd> end() {
    return end;
  }

  /// Takes one frame. False when it breaks the rules.
  boolean accept(String kind, String content) {
    switch (kind) {
      case "d" -> {
        try {
          answer.writeBytes(Base64.getDecoder().decode(content));
        } catch (IllegalArgumentException e) {
          return false;
        }
        return answer.size() <= ANSWER_BYTES_MAX;
      }
      case "e" -> {
        end.complete(new HelperEnd.Answered(answer.toByteArray()));
        return true;
      }
      default -> {
        return false;
      }
    }
  }
}
