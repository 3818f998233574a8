package io.steward.e2e.file;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.steward.e2e.stage.ServerTls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/// A git host over HTTPS on the loopback address: `git http-backend` behind a certificate of its
/// own. The repository `acme/tool` wants a token; `acme/closed` lets nobody in.
public final class GitServer implements AutoCloseable {
  static final String FILE_TEXT = "written by the first commit";
  static final String BRANCH_TEXT = "written on the branch";

  private final HttpsServer server;
  private final ServerTls tls;
  private final String name;
  private final Path directory;
  private final String token;
  private final String firstCommit;

  private GitServer(
      HttpsServer server,
      ServerTls tls,
      String name,
      Path directory,
      String token,
      String firstCommit) {
    this.server = server;
    this.tls = tls;
    this.name = name;
    this.directory = directory;
    this.token = token;
    this.firstCommit = firstCommit;
  }

  /// @param directory empty; for repositories and keys
  static GitServer start(Path directory, String token) throws Exception {
    return start(directory, "localhost", token);
  }

  /// @param name of the host, which leads to the loopback network
  public static GitServer start(Path directory, String name, String token) throws Exception {
    String firstCommit = makeRepository(directory);
    ServerTls tls = ServerTls.create(directory, "dns:localhost,ip:127.0.0.1,ip:127.0.0.2");
    HttpsServer server = HttpsServer.create(new InetSocketAddress(name, 0), 64);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.context()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    GitServer git = new GitServer(server, tls, name, directory, token, firstCommit);
    server.createContext("/", git::serve);
    server.start();
    return git;
  }

  /// As in `STEWARD_GIT_HOSTS`.
  public String host() {
    return name + ":" + server.getAddress().getPort();
  }

  public String url(String repository) {
    return "https://" + host() + "/" + repository;
  }

  /// The certificate as PEM.
  public Path certificate() {
    return tls.certificate();
  }

  /// The id of the commit before the newest.
  String firstCommit() {
    return firstCommit;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static String makeRepository(Path directory) throws Exception {
    Path work = Files.createDirectories(directory.resolve("work"));
    Path bare = directory.resolve("repositories/acme/tool.git");
    Files.createDirectories(bare.getParent());
    git(work, "init", "-q", "-b", "main");
    git(work, "config", "user.email", "dev@example.com");
    git(work, "config", "user.name", "Dev");
    Files.writeString(work.resolve("first.txt"), FILE_TEXT);
    git(work, "add", ".");
    git(work, "commit", "-q", "-m", "first");
    String first = git(work, "rev-parse", "HEAD").strip();
    Files.writeString(work.resolve("second.txt"), "second");
    git(work, "add", ".");
    git(work, "commit", "-q", "-m", "second");
    git(work, "checkout", "-q", "-b", "side");
    Files.writeString(work.resolve("first.txt"), BRANCH_TEXT);
    git(work, "commit", "-q", "-a", "-m", "on the side");
    git(work, "checkout", "-q", "main");
    git(directory, "clone", "-q", "--bare", work.toString(), bare.toString());
    git(bare, "config", "http.receivepack", "true");
    return first;
  }

  /// What the repository that is served says.
  public String ask(String... arguments) throws Exception {
    return git(directory.resolve("repositories/acme/tool.git"), arguments);
  }

  private static String git(Path directory, String... arguments) throws Exception {
    return run(directory, Map.of("GIT_CONFIG_GLOBAL", "/dev/null"), "git", arguments);
  }

  private static String run(
      Path directory, Map<String, String> environment, String program, String... arguments)
      throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output);
    }
    return output;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!isAuthorized(exchange)) {
        exchange.getResponseHeaders().set("www-authenticate", "Basic realm=\"git\"");
        exchange.sendResponseHeaders(401, -1);
      } else if (path.startsWith("/acme/closed")) {
        exchange.sendResponseHeaders(403, -1);
      } else if (!path.startsWith("/acme/tool")) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        backend(exchange, path.replaceFirst("^/acme/tool(\\.git)?", "/acme/tool.git"));
      }
    }
  }

  /// Whatever the user is called, the password is the token.
  private boolean isAuthorized(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("authorization");
    if (header == null || !header.startsWith("Basic ")) {
      return header != null && header.equals("Bearer " + token);
    }
    byte[] decoded = Base64.getDecoder().decode(header.substring("Basic ".length()));
    String pair = new String(decoded, StandardCharsets.UTF_8);
    return pair.endsWith(":" + token) || pair.startsWith(token + ":");
  }

  /// One request through the program that comes with git.
  private void backend(HttpExchange exchange, String path) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", directory.resolve("repositories").toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("PATH_INFO", path);
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put("REMOTE_USER", "dev");
    environment.put(
        "QUERY_STRING", String.valueOf(exchange.getRequestURI().getRawQuery()).replace("null", ""));
    header(exchange, "content-type", "CONTENT_TYPE", environment);
    header(exchange, "content-encoding", "HTTP_CONTENT_ENCODING", environment);
    header(exchange, "git-protocol", "GIT_PROTOCOL", environment);
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      exchange.getRequestBody().transferTo(in);
    }
    InputStream out = process.getInputStream();
    int status = 200;
    for (String line = line(out); !line.isEmpty(); line = line(out)) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      if (line.substring(0, colon).equalsIgnoreCase("status")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    out.transferTo(exchange.getResponseBody());
  }

  private static void header(
      HttpExchange exchange, String name, String variable, Map<String, String> environment) {
    String value = exchange.getRequestHeaders().getFirst(name);
    if (value != null) {
      environment.put(variable, value);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
