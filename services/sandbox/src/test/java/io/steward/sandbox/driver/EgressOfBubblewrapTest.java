package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.egress.EgressRelay;
import io.steward.sandbox.egress.ProxyStandIn;
import io.steward.sandbox.egress.SandboxToken;
import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// The way out of real sandboxes, to a server that stands for the egress proxy.
@Timeout(60)
class EgressOfBubblewrapTest {
  private static final ControlGroups GROUPS = ControlGroups.detect();
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
  private static final String PLACEHOLDER = "steward_placeholder_abcdefghijklmnopqrstuvwxyz";
  private static final String CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nc3Rld2FyZA==\n-----END CERTIFICATE-----\n";

  /// Sends a request line to the proxy and prints the answer.
  private static final String ASK =
      "ask() { exec 9<>/dev/tcp/127.0.0.1/3128 && printf '%s HTTP/1.1\\r\\n\\r\\n' \"$1\" >&9"
          + " && cat <&9; exec 9>&-; }; ";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final ProxyStandIn proxy;
  private final ParentThread parent = new ParentThread();
  private final SessionId session = SessionId.random(0);
  private final List<Sandbox> opened = new ArrayList<>();

  EgressOfBubblewrapTest() throws IOException {
    proxy = new ProxyStandIn();
  }

  @BeforeAll
  static void needsPrograms() {
    assumeTrue(Commands.find("bwrap").isPresent(), "bwrap is not installed");
    assumeTrue(BubblewrapDriver.hasEgress(), "socat is not installed");
  }

  @AfterEach
  void closeAll() throws IOException {
    opened.forEach(Sandbox::close);
    parent.close();
    proxy.close();
    Trees.remove(root);
  }

  private WayOut wayOut() {
    return new WayOut(
        proxy.address(),
        SandboxToken.random(),
        new Unrestricted(),
        Map.of("API_KEY", PLACEHOLDER),
        Optional.of(CERTIFICATE));
  }

  private Sandbox open(WayOut way, Optional<InstalledPackages> packages) throws IOException {
    Sandbox sandbox =
        assertInstanceOf(
                SandboxDriver.Opening.Opened.class,
                new BubblewrapDriver(root, LIMITS, parent, GROUPS, List.of())
                    .open(session, packages, Optional.of(way)))
            .sandbox();
    opened.add(sandbox);
    sandbox.awaitStart(SandboxDriver.START_MAX);
    return sandbox;
  }

  private Sandbox open() throws IOException {
    return open(wayOut(), Optional.empty());
  }

  private static String output(Sandbox sandbox, String command) {
    return SandboxDriverContract.output(sandbox, command);
  }

  @Test
  void a_program_reaches_the_proxy_which_knows_whose_it_is() throws IOException {
    WayOut way = wayOut();
    Sandbox sandbox = open(way, Optional.empty());

    String answer = output(sandbox, ASK + "ask 'GET http://example.com/'");

    assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assertTrue(answer.endsWith("\r\n\r\n0 bytes"), answer);
    assertEquals(List.of(way.token().reveal()), proxy.tokens());
    assertEquals(List.of(), proxy.faults());
  }

  @Test
  void curl_goes_through_the_proxy_by_itself_with_a_large_body_each_way() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
    Sandbox sandbox = open();

    String sent =
        output(
            sandbox,
            "head -c 1000000 /dev/zero >body"
                + " && curl -sS -H Expect: --data-binary @body http://example.com/up");
    String received = output(sandbox, "curl -sS http://example.com/large | wc -c");

    assertEquals("1000000 bytes", sent);
    assertEquals(ProxyStandIn.LARGE_BYTES + "\n", received);
  }

  @Test
  void the_end_of_one_direction_leaves_the_other_open() throws IOException {
    String answer =
        output(
            open(),
            "printf 'POST http://example.com/end HTTP/1.1\\r\\n\\r\\n123'"
                + " | socat -t 30 - TCP:127.0.0.1:3128");

    assertTrue(answer.endsWith("\r\n\r\n3 bytes"), answer);
  }

  @Test
  void more_connections_than_a_sandbox_may_have_wait_for_their_turn() throws Exception {
    Sandbox sandbox = open();

    CompletableFuture<String> answers =
        CompletableFuture.supplyAsync(() ->
            output(
                sandbox,
                "{ for i in {1..70}; do exec {fd}<>/dev/tcp/127.0.0.1/3128; fds+=($fd);"
                    + " printf 'GET http://example.com/hold HTTP/1.1\\r\\n\\r\\n' >&$fd; done;"
                    + " for fd in ${fds[@]}; do read -r line <&$fd; echo \"$line\";"
                    + " exec {fd}>&-; done; } | sort | uniq -c | tr -s ' \\r'"));
    proxy.awaitOpen(EgressRelay.CONNECTIONS_MAX);
    proxy.release();

    assertEquals(" 70 HTTP/1.1 200 OK\r\n", answers.get());
    assertTrue(proxy.openMost() <= EgressRelay.CONNECTIONS_MAX);
  }

  @Test
  void the_token_is_nowhere_inside() throws IOException {
    WayOut way = wayOut();
    Sandbox sandbox = open(way, Optional.empty());
    String token = way.token().reveal();
    String halves = token.substring(0, 20) + "' '" + token.substring(20);
    output(sandbox, ASK + "ask 'GET http://example.com/' >/dev/null");
    String count =
        "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null"
            + " | cat - $(find /run /tmp /workspace /home /mnt /etc -type f -readable 2>/dev/null)"
            + " | tr '\\0' '\\n' | grep -acFf <(printf '%s%s' '"
            + halves
            + "')";

    String found = output(sandbox, count + " || :");
    String planted = output(sandbox, "printf '%s%s' '" + halves + "' >/tmp/planted; " + count);

    assertEquals("0\n", found);
    assertEquals("1\n", planted);
  }

  @Test
  void nothing_but_the_proxy_can_be_reached() throws IOException {
    Sandbox sandbox = open();

    assertEquals("lo\n", output(sandbox, "sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '"));
    assertEquals("no name\n", output(sandbox, "getent hosts example.com || echo no name"));
    assertEquals(
        "closed\n",
        output(
            sandbox,
            "(echo >/dev/tcp/127.0.0.1/" + proxy.address().port() + ") 2>&- || echo closed"));
    assertEquals("closed\n", output(sandbox, "(echo >/dev/tcp/192.0.2.1/80) 2>&- || echo closed"));
  }

  @Test
  void what_listens_inside_outlives_a_stopped_command() throws IOException {
    Sandbox sandbox = open();

    ShellEnd end =
        sandbox.run("sleep 60", (_, _, _) -> {}, Duration.ofMillis(200), new Cancellation());

    assertEquals(new ShellEnd.TimedOut(), end);
    assertTrue(output(sandbox, ASK + "ask 'GET http://example.com/'").endsWith("0 bytes"));
  }

  @Test
  void the_way_out_ends_with_its_sandbox_and_the_next_one_has_its_own() throws IOException {
    Sandbox first = open();
    output(first, ASK + "ask 'GET http://example.com/'");

    first.close();

    Path control = SessionDirectory.of(root, session).control();
    try (var left = Files.newDirectoryStream(control, "*.sock")) {
      assertTrue(!left.iterator().hasNext());
    }
    output(open(), ASK + "ask 'GET http://example.com/'");
    assertEquals(2, proxy.tokens().stream().distinct().count());
  }

  @Test
  void a_proxy_that_is_away_is_an_answer_a_program_can_read() throws IOException {
    Sandbox sandbox = open();

    proxy.close();

    String answer = output(sandbox, ASK + "ask 'CONNECT example.com:443'");
    assertTrue(answer.startsWith("HTTP/1.1 502 Bad Gateway"), answer);
    assertTrue(answer.contains("cannot be reached"), answer);
  }

  @Test
  void variables_name_the_proxy_the_placeholders_and_the_certificates() throws IOException {
    Sandbox sandbox = open();

    assertEquals(
        "127.0.0.1:3128 " + PLACEHOLDER + "\n",
        output(sandbox, "echo ${https_proxy#http://} $API_KEY"));
    assertEquals(
        "1 1 1\n",
        output(
            sandbox,
            "echo $(cat \"$SSL_CERT_FILE\" | grep -c c3Rld2FyZA==)"
                + " $(grep -c c3Rld2FyZA== \"$NODE_EXTRA_CA_CERTS\")"
                + " $(grep -c CERT \"$NODE_EXTRA_CA_CERTS\" | grep -c 2)"));
    for (String bundle : TrustFiles.shownOver()) {
      assertEquals("1\n", output(sandbox, "grep -c c3Rld2FyZA== " + bundle));
    }
  }

  @Test
  void packages_with_certificates_of_their_own_do_not_hide_these() throws IOException {
    Path packages = Files.createDirectories(root.resolve("packages"));
    Path certificates = Files.createDirectories(packages.resolve("apt/etc/ssl/certs"));
    Files.writeString(certificates.resolve("ca-certificates.crt"), "theirs");
    Files.createDirectories(packages.resolve("apt/etc/pki/tls/certs"));

    Sandbox sandbox = open(wayOut(), Optional.of(new Directory(packages)));

    for (String bundle : TrustFiles.shownOver()) {
      assertEquals("1\n", output(sandbox, "grep -c c3Rld2FyZA== " + bundle));
    }
    assertTrue(output(sandbox, ASK + "ask 'GET http://example.com/'").endsWith("0 bytes"));
  }

  /// Packages that are kept for as long as the test runs.
  private record Directory(Path directory) implements InstalledPackages {
    @Override
    public InstalledPackages share() {
      return this;
    }

    @Override
    public void close() {}
  }
}
