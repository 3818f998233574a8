package io.steward.vaultproxy.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.web.WebResult.Fetched;
import io.steward.vaultproxy.web.WebResult.Refused;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.OptionalInt;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Fetches over HTTPS: the connection goes to an address, and the certificate is for the name.
class WebFetchTlsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final String UNTRUSTED =
      "No secure connection to the host can be made: its certificate is not trusted for its name,"
          + " or its TLS is out of date.";

  @TempDir private static Path directory;
  private static WebSite site;
  private static X509TrustManager trust;

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example,ip:127.0.0.1");
    site = WebSite.start(identity);
    trust = trust(identity.certificate());
    site.page("/a", "text/plain", "there");
    site.redirect("/down", "http://site.example:" + site.port() + "/a");
  }

  @AfterAll
  static void stop() {
    site.close();
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void the_certificate_is_checked_for_the_name_of_the_url() {
    WebResult result = fetch("https://site.example:" + site.port() + "/a", trust);

    assertEquals("there", assertInstanceOf(Fetched.class, result, result.toString()).text());
    assertEquals(List.of("site.example"), site.visits().getLast().serverNames());
  }

  @Test
  void the_certificate_may_be_for_the_address_of_the_url() {
    WebResult result = fetch("https://127.0.0.1:" + site.port() + "/a", trust);
    assertInstanceOf(Fetched.class, result, result.toString());
  }

  @Test
  void a_certificate_for_another_name_is_not_trusted() {
    assertEquals(UNTRUSTED, refusal(fetch("https://other.example:" + site.port() + "/a", trust)));
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_not_trusted() {
    assertEquals(UNTRUSTED, refusal(fetch("https://site.example:" + site.port() + "/a", null)));
  }

  @Test
  void a_redirect_to_http_is_not_followed() {
    assertEquals(
        "The page redirects from https to http, and that is not followed.",
        refusal(fetch("https://site.example:" + site.port() + "/down", trust)));
  }

  private static WebResult fetch(String url, @Nullable X509TrustManager trust) {
    CheckedAddresses addresses =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1"));
    try (WebFetch web = new WebFetch(VERTX, addresses, WebLimits.usual(), directory, trust)) {
      return web.fetch(new WebRequest(url, new DomainRules.Any(), OptionalInt.empty()));
    }
  }

  private static String refusal(WebResult result) {
    return assertInstanceOf(Refused.class, result, result.toString()).sentence();
  }

  private static X509TrustManager trust(Path certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(certificate)) {
      store.setCertificateEntry(
          "own", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }
}
