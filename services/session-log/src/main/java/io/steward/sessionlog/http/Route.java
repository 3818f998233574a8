package io.steward.sessionlog.http;

import java.util.List;

/// One method on one path.
///
/// @param template path segments; one in braces stands for any segment
/// @param handler runs on a virtual thread and may wait
public record Route(String method, List<String> template, Handler handler) {

  /// Answers a request.
  @FunctionalInterface
  public interface Handler {
    Reply handle(Request request);
  }

  /// A set of routes that belong together.
  public interface Source {
    List<Route> routes();
  }

  public static Route get(String path, Handler handler) {
    return new Route("GET", segments(path), handler);
  }

  public static Route post(String path, Handler handler) {
    return new Route("POST", segments(path), handler);
  }

  public static Route delete(String path, Handler handler) {
    return new Route("DELETE", segments(path), handler);
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }
}
