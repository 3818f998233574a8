package io.steward.vaultproxy.message;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.steward.vaultproxy.inject.HeaderInjection;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Replacement;
import io.steward.vaultproxy.policy.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The headers of a request as they leave: without what concerns one connection only, with the host
/// that was checked, and with the secrets that may be there. Pure.
public final class OutgoingHeaders {
  /// They concern one connection, or say how the body is framed, which is said anew.
  private static final Set<String> DROPPED =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /// Netty's own, beside those of an HTTP/2 request.
  static final String HTTP2_PREFIX = "x-http2-";

  /// Bytes of the headers of a request once secrets are in it, and of those of an answer.
  public static final int BYTES_MAX = 131_072;

  private OutgoingHeaders() {}

  public sealed interface Outcome {}

  public record Headers(HttpHeaders headers, Set<String> credentialIds, List<Replacement> echoes)
      implements Outcome {}

  public record Unfit(String sentence) implements Outcome {}

  /// @param injections for the host; when there are any, the answer is asked for uncompressed, so
  ///   that a secret in it can be seen
  public static Outcome of(
      HttpHeaders in, Endpoint endpoint, boolean secure, List<Injection> injections) {
    HeaderInjection injection = new HeaderInjection(injections);
    HttpHeaders out = new DefaultHttpHeaders();
    Set<String> dropped = connectionNames(in);
    Set<String> credentialIds = new LinkedHashSet<>();
    List<Replacement> echoes = new ArrayList<>();
    long bytes = 0;
    out.set(HttpHeaderNames.HOST, host(endpoint, secure));
    for (Map.Entry<String, String> field : in) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      if (dropped.contains(name) || DROPPED.contains(name) || name.startsWith(HTTP2_PREFIX)) {
        continue;
      }
      switch (injection.apply(name, field.getValue())) {
        case HeaderInjection.Unfit unfit -> {
          return new Unfit(unfit.sentence());
        }
        case HeaderInjection.Value value -> {
          bytes += name.length() + value.text().length();
          if (bytes > BYTES_MAX || !added(out, field.getKey(), value)) {
            return new Unfit("The header " + name + " cannot be sent as it is.");
          }
          credentialIds.addAll(value.credentialIds());
          echoes.addAll(value.echoes());
        }
      }
    }
    for (Injection each : injections) {
      if (each.form() instanceof Injection.GitLogin login) {
        out.set(HttpHeaderNames.AUTHORIZATION, "Basic " + login.credentials());
        credentialIds.add(each.credentialId());
      }
    }
    if (!injections.isEmpty()) {
      out.set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
    }
    return new Headers(out, Set.copyOf(credentialIds), List.copyOf(echoes));
  }

  /// Whether it is a header: a secret may hold what HTTP does not allow.
  private static boolean added(HttpHeaders out, String name, HeaderInjection.Value value) {
    try {
      out.add(name, value.text());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// What `Connection` names.
  static Set<String> connectionNames(HttpHeaders in) {
    Set<String> names = new LinkedHashSet<>();
    for (String value : in.getAll(HttpHeaderNames.CONNECTION)) {
      for (String name : value.split(",", -1)) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static String host(Endpoint endpoint, boolean secure) {
    return endpoint.port() == (secure ? 443 : 80)
        ? endpoint.host().authority()
        : endpoint.toString();
  }
}
