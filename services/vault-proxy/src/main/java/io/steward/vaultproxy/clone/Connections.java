package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.util.Locale;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.jspecify.annotations.Nullable;

/// Connections to the one host of a clone. Any other, wherever a redirect or a server's listing
/// points, is refused before a connection is made, so the token has nowhere else to go.
final class Connections implements HttpConnectionFactory {
  private static final int HTTPS_PORT = 443;
  private static final int ERRORS_FROM = 400;

  private final String host;
  private final @Nullable String authorization;
  private final TrustManager[] trust;
  private final ByteBudget budget;
  private volatile int refusal;

  Connections(CloneJob job, ByteBudget budget) throws IOException {
    this.host = host(URI.create(job.url()).toURL());
    this.authorization = authorization(job);
    this.trust = Trust.managers(job.authority());
    this.budget = budget;
  }

  private static @Nullable String authorization(CloneJob job) {
    byte[] token = job.token();
    if (token == null) {
      return null;
    }
    return "Basic " + CloneJob.credentials(token);
  }

  private static String host(URL url) {
    int port = url.getPort() < 0 ? HTTPS_PORT : url.getPort();
    return url.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  /// The last HTTP status that refused something, or 0.
  int refusal() {
    return refusal;
  }

  @Override
  public HttpConnection create(URL url) throws IOException {
    return create(url, Proxy.NO_PROXY);
  }

  @Override
  public HttpConnection create(URL url, Proxy proxy) throws IOException {
    if (!url.getProtocol().equals("https") || !host(url).equals(host)) {
      throw new CloneFailure(
          Reason.CLONE,
          "The host wants to send the clone on to "
              + url.getProtocol()
              + "://"
              + host(url)
              + ", and a clone does not leave its host.");
    }
    return new Connection(url, proxy);
  }

  private final class Connection extends JDKHttpConnection {
    Connection(URL url, Proxy proxy) throws IOException {
      super(url, proxy);
      super.setInstanceFollowRedirects(false);
      try {
        configure(null, trust, null);
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
      if (authorization != null) {
        setRequestProperty("Authorization", authorization);
      }
    }

    /// Redirects are followed by making another connection, or not at all.
    @Override
    public void setInstanceFollowRedirects(boolean follow) {}

    @Override
    public int getResponseCode() throws IOException {
      int status = super.getResponseCode();
      if (status >= ERRORS_FROM) {
        refusal = status;
      }
      return status;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return budget.counted(super.getInputStream());
    }
  }
}
