package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.stage.GitServer;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// curl and git, as a sandbox has them, against servers on this machine: what they are told is the
/// address of the proxy and the certificate of the installation's authority.
class RealClientsTest {
  private static final String SECRET = "s3cret-canary-0123456789";

  @TempDir private static Path directory;
  private static Vertx vertx;
  private static WebSite site;
  private static HttpServer newer;
  private static GitServer git;
  private static ProxyStage stage;
  private static Path bundle;

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example,dns:localhost");
    site = WebSite.start(identity);
    site.page(
        "/echo",
        exchange -> {
          String key = String.valueOf(exchange.getRequestHeaders().getFirst("X-Key"));
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write((key + " " + new String(body, UTF_8)).getBytes(UTF_8));
        });
    vertx = Vertx.vertx();
    newer = newer(identity);
    Path repositories = Files.createDirectory(directory.resolve("repositories"));
    GitServer.repository(
        repositories,
        "repo.git",
        tree -> {
          Files.writeString(tree.resolve("README"), "cloned\n");
          GitServer.run(tree, "git", "add", ".");
          GitServer.run(tree, "git", "commit", "-q", "-m", "one");
        });
    git = GitServer.start(identity, repositories);
    stage =
        ProxyStage.start(
            directory,
            Set.of(site.port(), newer.actualPort(), port(git)),
            ProxyLimits.usual(),
            ProxyStage.trust(identity.certificate()));
    bundle = Files.writeString(directory.resolve("bundle.pem"), stage.authority().certificatePem());
  }

  /// A server that speaks HTTP/2, says so, and returns what it was sent.
  private static HttpServer newer(Identity identity) {
    HttpServer server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(
                    new PfxOptions()
                        .setPath(identity.keyStore().toString())
                        .setPassword("changeit")));
    server.requestHandler(request ->
        request
            .body()
            .onSuccess(body ->
                request
                    .response()
                    .end(request.version() + " " + request.getHeader("X-Key") + " " + body)));
    return server.listen().toCompletionStage().toCompletableFuture().join();
  }

  private static int port(GitServer server) {
    return Integer.parseInt(server.host().substring(server.host().indexOf(':') + 1));
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
    git.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void curl_reaches_a_host_through_a_tunnel_over_http_1() throws Exception {
    Placeholder placeholder = secret();
    String answer =
        curl(
            "--http1.1",
            "-H",
            "X-Key: " + placeholder.text(),
            "-d",
            "body=" + placeholder.text(),
            "https://site.example:" + site.port() + "/echo");
    assertEquals(placeholder.text() + " body=" + placeholder.text(), answer);
    assertEquals(List.of(SECRET), site.visits().getLast().headers().get("X-key"));
  }

  @Test
  void curl_speaks_http_2_with_the_proxy_whatever_the_host_speaks() throws Exception {
    Placeholder placeholder = secret();
    String answer =
        curl(
            "--http2",
            "-w",
            " over %{http_version}",
            "-H",
            "X-Key: " + placeholder.text(),
            "https://site.example:" + site.port() + "/echo");
    assertEquals(placeholder.text() + "  over 2", answer);
    assertEquals(List.of(SECRET), site.visits().getLast().headers().get("X-key"));
  }

  @Test
  void http_2_goes_on_as_http_2_where_the_host_speaks_it() throws Exception {
    Placeholder placeholder = secret();
    String large = "x".repeat(300_000) + placeholder.text();
    Path body = Files.writeString(directory.resolve("body"), large);
    String answer =
        curl(
            "--http2",
            "-H",
            "X-Key: " + placeholder.text(),
            "--data-binary",
            "@" + body,
            "https://site.example:" + newer.actualPort() + "/");
    assertEquals("HTTP_2 " + placeholder.text() + " " + large, answer);
    assertEquals(200, stage.seen().used.getLast().status());
  }

  @Test
  void curl_shows_why_a_tunnel_was_refused() throws Exception {
    assumeTrue(isThere("curl"));
    String printed = run(false, curlCommand("-sv", "https://169.254.169.254/"));
    assertTrue(
        printed.contains("403 The host 169.254.169.254 is not on the public internet"), printed);
  }

  @Test
  void git_clones_with_a_placeholder_for_a_token() throws Exception {
    assumeTrue(isThere("git"));
    stage.forgetSecrets();
    Placeholder placeholder =
        stage.secret("vcrd_git", GitServer.TOKEN, HostSet.listed(List.of("site.example")));
    Path clone = directory.resolve("clone");
    run(
        true,
        "git",
        "-c",
        "http.proxy=http://sandbox:" + ProxyStage.TOKEN + "@" + proxy(),
        "-c",
        "http.proxyAuthMethod=basic",
        "clone",
        "-q",
        "https://x-access-token:"
            + placeholder.text()
            + "@site.example:"
            + port(git)
            + "/private/repo.git",
        clone.toString());
    assertEquals("cloned\n", Files.readString(clone.resolve("README")));
    assertFalse(Files.readString(clone.resolve(".git/config")).contains(GitServer.TOKEN));
  }

  private static Placeholder secret() {
    stage.forgetSecrets();
    return stage.secret("vcrd_1", SECRET, HostSet.listed(List.of("site.example")));
  }

  private static String proxy() {
    return "127.0.0.1:" + stage.address().getPort();
  }

  private static String curl(String... arguments) throws Exception {
    assumeTrue(isThere("curl"));
    List<String> all = new ArrayList<>(List.of("-sS", "--max-time", "60"));
    all.addAll(Arrays.asList(arguments));
    return run(true, curlCommand(all.toArray(String[]::new)));
  }

  private static String[] curlCommand(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "--proxy",
                "http://" + proxy(),
                "--proxy-user",
                "sandbox:" + ProxyStage.TOKEN,
                "--cacert",
                bundle.toString()));
    command.addAll(Arrays.asList(arguments));
    return command.toArray(String[]::new);
  }

  private static boolean isThere(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static String run(boolean succeeds, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).contains("proxy"));
    environment.put("GIT_SSL_CAINFO", String.valueOf(bundle));
    environment.put("GIT_TERMINAL_PROMPT", "0");
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || succeeds && process.exitValue() != 0) {
      throw new IOException(List.of(command) + ": " + printed);
    }
    return printed;
  }
}
