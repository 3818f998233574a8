package io.steward.vaultproxy.http;

import java.util.List;

/// One method on one path.
///
/// @param template path segments; one in braces stands for any segment
record Route(String method, List<String> template, Handler handler) {

  /// Answers a request, on a virtual thread: it may wait.
  @FunctionalInterface
  interface Handler {
    /// What is sent with status 200, as JSON.
    Object handle(Request request);
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", segments(path), handler);
  }

  static Route post(String path, Handler handler) {
    return new Route("POST", segments(path), handler);
  }

  static Route delete(String path, Handler handler) {
    return new Route("DELETE", segments(path), handler);
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }
}
