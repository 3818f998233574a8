package io.steward.vaultproxy.proxy;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.steward.vaultproxy.ca.CertificateAuthority;
import io.steward.vaultproxy.ca.IssuedCertificate;
import io.steward.vaultproxy.egress.HostName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// TLS on both sides: towards sandboxes with a certificate of the installation's authority for each
/// host, towards hosts with the check of theirs. Certificates are kept for the hosts used last.
final class HostTls {
  static final int HOSTS_MAX = 500;

  /// A certificate is replaced when it has less than this left.
  private static final Duration LEFT_MIN = Duration.ofDays(7);

  private final @Nullable CertificateAuthority authority;
  private final InstantSource clock;
  private final SslContext client;
  private final SslContext clientOfHttp2;
  private final Map<HostName, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<HostName, Kept> eldest) {
          return size() > HOSTS_MAX;
        }
      };

  private record Kept(SslContext tls, Instant expiresAt) {}

  /// @param authority null when no host is ever answered for
  /// @param trust whose certificates of hosts are believed; null for whom this Java trusts
  HostTls(
      @Nullable CertificateAuthority authority,
      InstantSource clock,
      @Nullable X509TrustManager trust) {
    this.authority = authority;
    this.clock = clock;
    this.client = client(trust, ApplicationProtocolNames.HTTP_1_1);
    this.clientOfHttp2 =
        client(trust, ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
  }

  /// Towards a sandbox that asked for `host`. Safe from any thread; takes milliseconds for a host
  /// that is new.
  synchronized SslContext of(HostName host) {
    Kept known = kept.get(host);
    if (known != null && clock.instant().isBefore(known.expiresAt().minus(LEFT_MIN))) {
      return known.tls();
    }
    if (authority == null) {
      throw new IllegalStateException("there is no certificate authority");
    }
    IssuedCertificate issued = authority.issue(host);
    try {
      SslContext tls =
          SslContextBuilder.forServer(issued.key(), issued.chain())
              .sslProvider(SslProvider.JDK)
              .applicationProtocolConfig(
                  alpn(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
              .build();
      kept.put(host, new Kept(tls, issued.expiresAt()));
      return tls;
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Towards hosts.
  SslContext client(boolean http2) {
    return http2 ? clientOfHttp2 : client;
  }

  private static SslContext client(@Nullable X509TrustManager trust, String... protocols) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .applicationProtocolConfig(alpn(protocols));
    if (trust != null) {
      builder.trustManager(trust);
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ApplicationProtocolConfig alpn(String... protocols) {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }
}
