package io.steward.devbox.proxy;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Headers that belong to one connection and are not passed on (RFC 9110 §7.6.1).
final class HopByHop {
  private static final Set<String> ALWAYS =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "expect");

  private HopByHop() {}

  /// Copies the headers that go end to end.
  static void copy(MultiMap from, MultiMap to) {
    Set<String> dropped = new HashSet<>(ALWAYS);
    for (String connection : from.getAll("connection")) {
      for (String name : connection.split(",")) {
        dropped.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    for (Map.Entry<String, String> header : from) {
      if (!dropped.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }
}
