package io.steward.e2e.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.anthropic.models.beta.environments.BetaCloudConfigParams;
import com.anthropic.models.beta.environments.BetaPackagesParams;
import com.anthropic.models.beta.environments.EnvironmentCreateParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.model.ToolOutcome;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Packages of an environment, from a server of the test (contract, core §3.2).
@ExtendWith(StageExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackagesIT {
  private static final Duration LONG = Duration.ofMinutes(4);

  private final Stage stage;
  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final AtomicInteger downloads = new AtomicInteger();
  private @Nullable HttpServer server;

  PackagesIT(Stage stage) {
    this.stage = stage;
  }

  @BeforeAll
  void serve() throws IOException {
    served.put("/demo_steward-1.0-py3-none-any.whl", wheel());
    served.put("/demo-steward-1.0.0.tgz", npmPackage());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body = served.get(exchange.getRequestURI().getPath());
            downloads.incrementAndGet();
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
              exchange.getResponseBody().write(body);
            }
          }
        });
    server.start();
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.stop(0);
    }
  }

  @Test
  void python_and_node_packages_are_there_and_the_second_session_does_not_install_them()
      throws Exception {
    assumeTrue(isThere("python3", "-m", "pip", "--version"), "pip is not installed");
    assumeTrue(isThere("npm", "--version"), "npm is not installed");
    String environment =
        environment(
            BetaPackagesParams.builder()
                .addPip("demo-steward @ " + url("/demo_steward-1.0-py3-none-any.whl"))
                .addNpm(url("/demo-steward-1.0.0.tgz"))
                .build());

    double first = useBoth(environment);
    int downloadsOfFirst = downloads.get();
    double second = useBoth(environment);

    System.out.printf(
        "a session with packages: first %.2f s, second %.2f s until its tools have run%n",
        first, second);
    assertTrue(downloadsOfFirst > 0);
    assertEquals(downloadsOfFirst, downloads.get(), "the second session installs nothing");
  }

  @Test
  void a_package_that_does_not_install_is_an_error_everybody_can_read() throws Exception {
    assumeTrue(isThere("python3", "-m", "pip", "--version"), "pip is not installed");
    String environment =
        environment(
            BetaPackagesParams.builder()
                .addPip("missing-steward @ " + url("/missing_steward-1.0-py3-none-any.whl"))
                .build());
    Script script = Script.of(Reply.bash("echo hi"), Reply.text("I see."));
    try (OpenSession session = session(environment, script)) {
      session.send("Go");
      session.awaitIdle(LONG);

      ToolOutcome result = script.awaitRequest(2).toolResults().getFirst();
      assertTrue(result.isError(), session::describe);
      assertTrue(result.text().contains("missing"), result.text());
      JsonNode event = session.listed("agent.tool_result").getFirst();
      assertTrue(OpenSession.text(event).contains("pip"), event.toString());
    }
  }

  /// Uses both packages; answers the seconds from the creation of the session to the end.
  private double useBoth(String environment) throws Exception {
    Script script =
        Script.of(
            Reply.bash("python3 -c 'import demo_steward; print(demo_steward.hello())'"),
            Reply.bash("node -e \"console.log(require('demo-steward').hello())\"; demo-steward"),
            Reply.text("ok"));
    long startNanos = System.nanoTime();
    try (OpenSession session = session(environment, script)) {
      session.send("Go");
      session.awaitIdle(LONG);
      double seconds = (System.nanoTime() - startNanos) / 1e9;

      assertEquals(
          "hello from a wheel",
          script.requests().get(1).toolResults().getFirst().text().strip(),
          session::describe);
      assertEquals(
          "hello from npm\nhello from a command",
          script.requests().get(2).toolResults().getFirst().text().strip(),
          session::describe);
      return seconds;
    }
  }

  private OpenSession session(String environment, Script script) {
    stage.model().play(script);
    String id =
        stage
            .sdk()
            .beta()
            .sessions()
            .create(
                SessionCreateParams.builder()
                    .agent(stage.toolAgentId())
                    .environmentId(environment)
                    .build())
            .id();
    return OpenSession.attach(stage, id, script);
  }

  private String environment(BetaPackagesParams packages) {
    return stage
        .sdk()
        .beta()
        .environments()
        .create(
            EnvironmentCreateParams.builder()
                .name("packages " + UUID.randomUUID())
                .config(BetaCloudConfigParams.builder().packages(packages).build())
                .build())
        .id();
  }

  private String url(String path) {
    if (server == null) {
      throw new IllegalStateException("no server");
    }
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static boolean isThere(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] wheel() throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("demo_steward/__init__.py", "def hello():\n    return 'hello from a wheel'\n");
    files.put(
        "demo_steward-1.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: demo-steward\nVersion: 1.0\n");
    files.put(
        "demo_steward-1.0.dist-info/WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(
        "demo_steward-1.0.dist-info/RECORD",
        "demo_steward/__init__.py,,\n"
            + "demo_steward-1.0.dist-info/METADATA,,\n"
            + "demo_steward-1.0.dist-info/WHEEL,,\n"
            + "demo_steward-1.0.dist-info/RECORD,,\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] npmPackage() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream tar = new GZIPOutputStream(bytes)) {
      entry(
          tar,
          "package/package.json",
          """
          {"name":"demo-steward","version":"1.0.0","main":"index.js",
           "bin":{"demo-steward":"cli.js"}}
          """);
      entry(tar, "package/index.js", "exports.hello = () => 'hello from npm';\n");
      entry(tar, "package/cli.js", "#!/usr/bin/env node\nconsole.log('hello from a command');\n");
      tar.write(new byte[1024]);
    }
    return bytes.toByteArray();
  }

  /// One file of a tar archive in the ustar format.
  private static void entry(GZIPOutputStream tar, String name, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000755");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, "%011o".formatted(content.length));
    put(header, 136, "%011o".formatted(1_700_000_000));
    put(header, 148, "        ");
    put(header, 156, "0");
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    tar.write(header);
    tar.write(content);
    tar.write(new byte[(512 - content.length % 512) % 512]);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
