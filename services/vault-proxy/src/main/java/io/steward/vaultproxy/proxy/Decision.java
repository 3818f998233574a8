package io.steward.vaultproxy.proxy;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Scrub;
import io.steward.vaultproxy.inject.Signing;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/// What becomes of a request. A value, not an action: [RequestRelay] performs it.
sealed interface Decision {
  /// @param status of the answer
  record Refused(int status, Refusal refusal) implements Decision {
    static Refused because(int status, Refusal.Reason reason, String sentence) {
      return new Refused(status, new Refusal(reason, sentence));
    }
  }

  /// The request goes on, over a connection of its own.
  ///
  /// @param path as it was written
  /// @param headers without those that say how the body is framed
  /// @param injections that may be put into this request
  /// @param credentialIds whose secrets are in `headers`
  /// @param signings that are still to be made
  record Forward(
      Route route,
      String path,
      HttpHeaders headers,
      List<Injection> injections,
      Set<String> credentialIds,
      List<Signing> signings,
      Scrub scrub)
      implements Decision {}

  /// Bytes go through unseen, once TLS has named the same host.
  record Tunnel(Route route) implements Decision {}

  /// The proxy itself answers the TLS of the client.
  record Intercept(Endpoint endpoint, SslContext tls) implements Decision {}

  /// Where a connection goes.
  ///
  /// @param addresses that were checked, in the order they are tried
  record Route(Endpoint endpoint, boolean secure, List<InetAddress> addresses) {
    public Route {
      addresses = List.copyOf(addresses);
    }
  }
}
