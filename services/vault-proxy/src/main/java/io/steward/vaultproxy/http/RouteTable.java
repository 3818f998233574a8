package io.steward.vaultproxy.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the route of a request. HEAD is answered as GET, without the body.
final class RouteTable {
  private final List<Route> routes;

  RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /// What stands behind a path.
  sealed interface Match {
    record Found(Route route, Map<String, String> path) implements Match {}

    /// @param methods what the path allows
    record WrongMethod(List<String> methods) implements Match {}

    record Nothing() implements Match {}
  }

  Match match(String method, String rawPath) {
    String asked = method.equals("HEAD") ? "GET" : method;
    List<String> segments = segments(rawPath);
    List<String> methods = new ArrayList<>();
    for (Route route : routes) {
      Map<String, String> path = fit(route.template(), segments);
      if (path != null && route.method().equals(asked)) {
        return new Match.Found(route, path);
      }
      if (path != null) {
        methods.add(route.method());
      }
    }
    return methods.isEmpty() ? new Match.Nothing() : new Match.WrongMethod(methods);
  }

  private static List<String> segments(String rawPath) {
    List<String> segments = new ArrayList<>();
    for (String segment : rawPath.substring(1).split("/", -1)) {
      segments.add(decoded(segment));
    }
    return segments;
  }

  /// A segment that is not properly encoded fits no route.
  private static String decoded(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static @Nullable Map<String, String> fit(List<String> template, List<String> segments) {
    if (template.size() != segments.size()) {
      return null;
    }
    Map<String, String> path = new HashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String expected = template.get(i);
      String actual = segments.get(i);
      if (expected.startsWith("{") && !actual.isEmpty()) {
        path.put(expected.substring(1, expected.length() - 1), actual);
      } else if (!expected.equals(actual)) {
        return null;
      }
    }
    return path;
  }
}
