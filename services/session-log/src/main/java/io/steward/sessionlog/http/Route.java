package io.steward.sessionlog.http;

import java.util.List;

/// One method on one path.
///
/// @param template path segments; one in braces stands for any segment
/// @param access whose credentials open it
public record Route(String method, List<String> template, Access access, Action action) {

  /// What a route does; on a virtual thread, so it may wait.
  public sealed interface Action {
    /// Is given the whole body.
    record Whole(Handler handler) implements Action {}

    /// Reads the body as it comes.
    ///
    /// @param bytesMax of the body
    record Streamed(long bytesMax, StreamHandler handler) implements Action {}
  }

  /// Answers a request.
  @FunctionalInterface
  public interface Handler {
    Reply handle(Request request);
  }

  /// Answers a request whose body is still coming; the body of `request` is empty.
  @FunctionalInterface
  public interface StreamHandler {
    Reply handle(Request request, BodyStream body);
  }

  /// A set of routes that belong together.
  public interface Source {
    List<Route> routes();
  }

  public static Route get(String path, Handler handler) {
    return new Route("GET", segments(path), Access.CLIENT, new Action.Whole(handler));
  }

  public static Route post(String path, Handler handler) {
    return new Route("POST", segments(path), Access.CLIENT, new Action.Whole(handler));
  }

  /// A route whose body is not kept in memory.
  public static Route upload(String path, long bytesMax, StreamHandler handler) {
    return new Route("POST", segments(path), Access.CLIENT, new Action.Streamed(bytesMax, handler));
  }

  public static Route delete(String path, Handler handler) {
    return new Route("DELETE", segments(path), Access.CLIENT, new Action.Whole(handler));
  }

  /// The same, open to others than clients.
  public Route openTo(Access other) {
    return new Route(method, template, other, action);
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }
}
