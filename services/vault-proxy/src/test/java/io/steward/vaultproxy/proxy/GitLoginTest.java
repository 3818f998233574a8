package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.proxy.ProxyObserver.CredentialUse;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.GitServer;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests of git for the repositories of a session, which get its token, and all others, which do
/// not.
class GitLoginTest {
  private static final String REFS = "/o/r.git/info/refs";
  private static final String UPLOAD = "?service=git-upload-pack";
  private static final String BASIC =
      Base64.getEncoder().encodeToString(("x-access-token:" + GitServer.TOKEN).getBytes(UTF_8));

  @TempDir private static Path directory;
  private static GitServer git;
  private static WebSite site;
  private static WebSite plain;
  private static X509TrustManager trust;
  private static ProxyStage stage;
  private static Path bundle;

  @BeforeAll
  static void start() throws Exception {
    Identity identity =
        Identity.make(directory, "dns:site.example,dns:other.example,dns:localhost");
    trust = ProxyStage.trust(identity.certificate());
    Path repositories = Files.createDirectory(directory.resolve("repositories"));
    for (String name : List.of("repo.git", "other.git")) {
      GitServer.repository(
          repositories,
          name,
          tree -> {
            Files.writeString(tree.resolve("README"), "one\n");
            GitServer.run(tree, "git", "add", ".");
            GitServer.run(tree, "git", "commit", "-q", "-m", "one");
          });
      GitServer.run(repositories.resolve(name), "git", "config", "http.receivepack", "true");
    }
    git = GitServer.start(identity, repositories);
    site = WebSite.start(identity);
    plain = WebSite.start();
    for (WebSite each : List.of(site, plain)) {
      each.page(
          REFS,
          exchange -> {
            String auth = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] answer = ("you sent " + auth + " " + GitServer.TOKEN).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          });
    }
    stage = ProxyStage.start(directory, Set.of(), ProxyLimits.usual(), trust);
    bundle = Files.writeString(directory.resolve("bundle.pem"), stage.authority().certificatePem());
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
    plain.close();
    git.close();
  }

  @BeforeEach
  void forget() {
    stage.forgetSecrets();
    stage.seen().used.clear();
    site.visits().clear();
    stage.repository("https://site.example:" + site.port() + "/o/r", "sec_1", GitServer.TOKEN);
  }

  private static String gitUrl(String path) {
    return "https://site.example" + git.host().substring(git.host().indexOf(':')) + "/" + path;
  }

  @Test
  void git_clones_fetches_and_pushes_without_a_credential() throws Exception {
    stage.repository(gitUrl("private/repo"), "sec_2", GitServer.TOKEN);
    Path clone = directory.resolve("clone");
    git(true, directory, "clone", "-q", gitUrl("private/repo.git"), "clone");
    Files.writeString(clone.resolve("more"), "x".repeat(3_000_000));
    git(true, clone, "add", ".");
    git(true, clone, "commit", "-q", "-m", "two");
    git(true, clone, "-c", "http.postBuffer=65536", "push", "-q", "origin", "HEAD:trunk");
    git(true, clone, "fetch", "-q");
    String head = GitServer.run(clone, "git", "rev-parse", "HEAD");
    Path bare = directory.resolve("repositories/repo.git");
    assertEquals(head, GitServer.run(bare, "git", "rev-parse", "trunk"));
    assertEquals(
        Set.of("sec_2"),
        Set.copyOf(stage.seen().used.stream().map(CredentialUse::credentialId).toList()));
    assertNull(stage.seen().used.getLast().vaultId());
    try (Stream<Path> files = Files.walk(clone.resolve(".git"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(new String(Files.readAllBytes(file), UTF_8).contains(GitServer.TOKEN));
      }
    }
  }

  @Test
  void another_repository_of_the_host_gets_no_token() throws Exception {
    stage.repository(gitUrl("private/repo"), "sec_2", GitServer.TOKEN);
    int before = git.authorizations().size();
    String printed = git(false, directory, "clone", gitUrl("private/other.git"), "never");
    assertTrue(printed.contains("could not read Username"), printed);
    assertEquals(before, git.authorizations().size());
    assertEquals(List.of(), stage.seen().used);
  }

  @Test
  void the_token_and_what_it_was_sent_as_are_taken_out_of_the_answer() throws Exception {
    Reply reply = ask("GET " + REFS + UPLOAD, "");
    assertEquals("you sent Basic [secret] [secret]", reply.body());
    assertEquals(List.of("Basic " + BASIC), site.visits().getLast().headers().get("Authorization"));
    assertEquals(200, stage.seen().used.getLast().status());
  }

  @ParameterizedTest
  @CsvSource({
    "GET /o/r.git/info/refs, ''",
    "GET /o/r.git/info/refs?service=git-upload-pack&x=1, ''",
    "POST /o/r.git/info/refs?service=git-upload-pack, Content-Length: 0|",
    "GET /o/r.git/../r.git/info/refs?service=git-upload-pack, ''",
    "GET /o/%72.git/info/refs?service=git-upload-pack, ''",
    "GET /o/r2.git/info/refs?service=git-upload-pack, ''",
    "GET /api/repos/o/r, ''",
    "POST /o/r.git/info/lfs/objects/batch, Content-Length: 0|"
  })
  void other_requests_to_the_host_get_no_token(String request, String header) throws Exception {
    ask(request, header);
    assertNull(site.visits().getLast().headers().get("Authorization"));
    assertEquals(List.of(), stage.seen().used);
  }

  @Test
  void what_a_request_brings_itself_stays() throws Exception {
    ask("GET " + REFS + UPLOAD, "Authorization: Bearer mine|");
    assertEquals(List.of("Bearer mine"), site.visits().getLast().headers().get("Authorization"));
    assertEquals(List.of(), stage.seen().used);
  }

  @Test
  void another_host_is_not_even_looked_at() throws Exception {
    try (Wire secure =
        stage.tunnel("other.example:" + site.port()).secure("other.example", trust)) {
      secure.send("GET " + REFS + UPLOAD + " HTTP/1.1|Host: other.example||").reply();
    }
    assertNull(site.visits().getLast().headers().get("Authorization"));
  }

  @Test
  void the_token_does_not_leave_without_tls() throws Exception {
    stage.repository("https://site.example:" + plain.port() + "/o/r", "sec_3", GitServer.TOKEN);
    try (Wire wire = stage.connect()) {
      String url = "http://site.example:" + plain.port() + REFS + UPLOAD;
      assertEquals(
          200, wire.send("GET " + url + " HTTP/1.1|Host: a|" + AUTH + "||").reply().status());
    }
    assertNull(plain.visits().getLast().headers().get("Authorization"));
  }

  @Test
  void a_session_whose_token_is_gone_asks_without() throws Exception {
    stage.forgetSecrets();
    stage.repository("https://site.example:" + site.port() + "/o/r", "sec_1", "");
    stage.forgetTokens();
    Reply reply = ask("GET " + REFS + UPLOAD, "");
    assertEquals("you sent null " + GitServer.TOKEN, reply.body());
  }

  private static Reply ask(String request, String header) throws Exception {
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      return secure
          .send(request + " HTTP/1.1|Host: site.example:" + site.port() + "|" + header + "|")
          .reply();
    }
  }

  private static String git(boolean succeeds, Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            "git",
            "-c",
            "http.proxy=http://sandbox:"
                + ProxyStage.TOKEN
                + "@127.0.0.1:"
                + stage.address().getPort(),
            "-c",
            "http.proxyAuthMethod=basic",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.com"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).contains("proxy"));
    environment.put("GIT_SSL_CAINFO", bundle.toString());
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IOException(command + ": " + printed);
    }
    if (succeeds) {
      assertEquals(0, process.exitValue(), printed);
    } else {
      assertNotEquals(0, process.exitValue(), printed);
    }
    return printed;
  }
}
