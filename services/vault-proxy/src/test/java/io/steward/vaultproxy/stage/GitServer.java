package io.steward.vaultproxy.stage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A git server over HTTPS: git's own `http-backend` behind the server of the JDK.
///
/// The first segment of a path says what the server does with it: `public` needs no token,
/// `private` needs [#TOKEN], `forbidden` is refused, `moved` is redirected to `public`, `away` to
/// the same path on [#sendAwayTo], and `silent` is never answered. The rest is the repository.
public final class GitServer implements AutoCloseable {
  public static final String TOKEN = "ghp_canary0123456789canary";

  private static final String PASSWORD = "changeit";

  private final HttpsServer server;
  private final Path root;
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private volatile @Nullable String away;

  /// A certificate for this machine, and its key.
  public record Identity(Path keyStore, Path certificate) {
    public static Identity make(Path directory) throws IOException, InterruptedException {
      return make(directory, "dns:localhost,ip:127.0.0.1");
    }

    /// @param names as keytool wants the subject's alternative names
    public static Identity make(Path directory, String names)
        throws IOException, InterruptedException {
      Path keyStore = directory.resolve("server.p12");
      Path certificate = directory.resolve("server.pem");
      String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
      run(
          directory,
          keytool,
          "-genkeypair",
          "-alias",
          "server",
          "-keyalg",
          "EC",
          "-dname",
          "CN=test",
          "-ext",
          "SAN=" + names,
          "-ext",
          "BC=ca:true",
          "-validity",
          "30",
          "-storetype",
          "PKCS12",
          "-keystore",
          keyStore.toString(),
          "-storepass",
          PASSWORD);
      run(
          directory,
          keytool,
          "-exportcert",
          "-rfc",
          "-alias",
          "server",
          "-keystore",
          keyStore.toString(),
          "-storepass",
          PASSWORD,
          "-file",
          certificate.toString());
      return new Identity(keyStore, certificate);
    }
  }

  private GitServer(HttpsServer server, Path root) {
    this.server = server;
    this.root = root;
  }

  /// @param root directory with bare repositories
  public static GitServer start(Identity identity, Path root)
      throws IOException, GeneralSecurityException {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(identity)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    GitServer git = new GitServer(server, root);
    server.createContext("/", git::answer);
    server.start();
    return git;
  }

  static SSLContext tls(Identity identity) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(identity.keyStore().toFile(), PASSWORD.toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /// As [io.steward.schemas.secret.SealedSecret#host] names it.
  public String host() {
    return "localhost:" + server.getAddress().getPort();
  }

  public String url(String path) {
    return "https://" + host() + "/" + path;
  }

  /// Where `away` leads.
  public void sendAwayTo(GitServer other) {
    away = other.url("");
  }

  /// The `Authorization` headers of all requests that had one.
  public List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  /// The paths of all requests.
  public List<String> paths() {
    return List.copyOf(paths);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI uri = exchange.getRequestURI();
      paths.add(uri.getPath());
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      if (authorization != null) {
        authorizations.add(authorization);
      }
      String[] parts = uri.getPath().split("/", 3);
      String rest = parts.length < 3 ? "" : parts[2];
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      switch (parts[1]) {
        case "public" -> serve(exchange, rest);
        case "private" -> {
          if (isAdmitted(authorization)) {
            serve(exchange, rest);
          } else {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
            exchange.sendResponseHeaders(401, -1);
          }
        }
        case "forbidden" -> exchange.sendResponseHeaders(403, -1);
        case "moved" -> redirect(exchange, url("public/" + rest) + query);
        case "away" -> redirect(exchange, away + "public/" + rest + query);
        case "silent" -> {
          try {
            Thread.sleep(60_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static boolean isAdmitted(@Nullable String authorization) {
    String pair = "x-access-token:" + TOKEN;
    return ("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .equals(authorization);
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  private void serve(HttpExchange exchange, String path) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    ProcessBuilder backend = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = backend.environment();
    environment.put("GIT_PROJECT_ROOT", root.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_COUNT", "1");
    environment.put("GIT_CONFIG_KEY_0", "safe.directory");
    environment.put("GIT_CONFIG_VALUE_0", "*");
    environment.put("PATH_INFO", "/" + path);
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put(
        "QUERY_STRING", String.valueOf(exchange.getRequestURI().getRawQuery()).replace("null", ""));
    environment.put("CONTENT_LENGTH", Integer.toString(body.length));
    pass(exchange, "Content-Type", environment, "CONTENT_TYPE");
    pass(exchange, "Content-Encoding", environment, "HTTP_CONTENT_ENCODING");
    pass(exchange, "Git-Protocol", environment, "GIT_PROTOCOL");
    Process process = backend.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var out = process.getOutputStream()) {
      out.write(body);
    }
    try (InputStream in = process.getInputStream()) {
      int status = 200;
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        String[] header = line.split(": ", 2);
        if (header[0].equals("Status")) {
          status = Integer.parseInt(header[1].substring(0, 3));
        } else {
          exchange.getResponseHeaders().set(header[0], header[1]);
        }
      }
      exchange.sendResponseHeaders(status, 0);
      in.transferTo(exchange.getResponseBody());
    }
  }

  private static void pass(
      HttpExchange exchange, String header, Map<String, String> environment, String variable) {
    String value = exchange.getRequestHeaders().getFirst(header);
    if (value != null) {
      environment.put(variable, value);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  /// Runs a command and returns what it printed.
  public static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> environment = builder.environment();
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "A");
      environment.put("GIT_" + who + "_EMAIL", "a@example.com");
      environment.put("GIT_" + who + "_DATE", "2026-01-02T03:04:05Z");
    }
    Process process = builder.redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + ": " + printed);
    }
    return printed.strip();
  }

  /// A bare repository `name` below `root`, made from a working tree that `work` fills and commits.
  public static void repository(Path root, String name, Work work)
      throws IOException, InterruptedException {
    Path tree = Files.createTempDirectory(root, "work-");
    run(tree, "git", "init", "-q", "-b", "trunk");
    work.fill(tree);
    run(root, "git", "clone", "-q", "--bare", tree.toString(), name);
  }

  /// See [#repository].
  public interface Work {
    void fill(Path tree) throws IOException, InterruptedException;
  }
}
