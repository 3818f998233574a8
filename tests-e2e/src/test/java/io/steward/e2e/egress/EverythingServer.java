package io.steward.e2e.egress;

import io.steward.e2e.stage.NpmPackages;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Ports;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// The reference MCP server `@modelcontextprotocol/server-everything`, as its makers publish it.
final class EverythingServer implements AutoCloseable {
  private static final String PACKAGE = "@modelcontextprotocol/server-everything";

  private final Process process;
  private final int port;

  private EverythingServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// Skips the test where the server cannot be had.
  static EverythingServer start() throws Exception {
    Path directory =
        NpmPackages.install(
            Steward.target().resolve("mcp-server"),
            PACKAGE,
            System.getProperty("steward.e2e.everything-server", "2026.8.31"));
    int port = Ports.free();
    ProcessBuilder builder =
        new ProcessBuilder("node", "node_modules/" + PACKAGE + "/dist/index.js", "streamableHttp")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("server.log").toFile());
    builder.environment().put("PORT", Integer.toString(port));
    EverythingServer server = new EverythingServer(builder.start(), port);
    try {
      Patience.until(
          Duration.ofSeconds(30), () -> "the server listens:\n" + log(directory), server::listens);
    } catch (Exception | AssertionError e) {
      server.close();
      throw e;
    }
    return server;
  }

  String url() {
    return "http://127.0.0.1:" + port + "/mcp";
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String log(Path directory) {
    try {
      return Files.readString(directory.resolve("server.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
