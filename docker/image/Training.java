import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Makes the AOT cache (JEP 514) of a service while its image is built: starts it without Kafka and
/// without a database, waits until it answers, asks it what every service is asked, and stops it.
/// Its JVM writes the cache at its end.
///
/// It runs in the stage of the runtime, whose image may have no shell: a cache fits only the very
/// Java and the very jars it was made with.
///
/// Arguments: the file the cache is written to, then those of the JVM.
public final class Training {
  private static final int PORT = 8080;
  private static final Duration START_MAX = Duration.ofSeconds(120);
  private static final Duration WRITE_MAX = Duration.ofSeconds(300);
  private static final String MAIN = "io.quarkus.runner.GeneratedMain";

  private Training() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path cache = Path.of(arguments[0]);
    Path state = Files.createTempDirectory("training");
    List<String> command = new ArrayList<>(List.of("java", "-XX:AOTCacheOutput=" + cache));
    command.addAll(List.of("-Xlog:disable", "-Xlog:all=error:stderr"));
    command.addAll(List.of(arguments).subList(1, arguments.length));
    command.add(MAIN);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(surroundings(state));
    Process service = builder.start();
    if (answers(service)) {
      for (String path : List.of("/q/health/ready", "/q/metrics", "/v1/training")) {
        status(path);
      }
      service.destroy();
    }
    if (!service.waitFor(WRITE_MAX.toSeconds(), TimeUnit.SECONDS)) {
      service.destroyForcibly();
      throw new IOException("The service did not end within " + WRITE_MAX + " after SIGTERM.");
    }
    if (!Files.isRegularFile(cache)) {
      throw new IOException("The JVM wrote no " + cache + "; see its output above.");
    }
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rw-r--r--"));
    System.out.println("The AOT cache has " + Files.size(cache) / 1_000_000 + " MB.");
  }

  /// Nothing listens on port 9: both stores are away.
  private static Map<String, String> surroundings(Path state) {
    return Map.ofEntries(
        Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
        Map.entry("QUARKUS_HTTP_PORT", Integer.toString(PORT)),
        Map.entry("QUARKUS_LOG_CATEGORY__ORG_APACHE_KAFKA__LEVEL", "ERROR"),
        Map.entry("QUARKUS_FLYWAY_MIGRATE_AT_START", "false"),
        Map.entry("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://127.0.0.1:9/steward"),
        Map.entry("QUARKUS_DATASOURCE_REACTIVE_URL", "postgresql://127.0.0.1:9/steward"),
        Map.entry("QUARKUS_DATASOURCE_USERNAME", "steward"),
        Map.entry("QUARKUS_DATASOURCE_PASSWORD", "training"),
        Map.entry("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9"),
        Map.entry("STEWARD_API_KEY", "training"),
        Map.entry("STEWARD_SANDBOX", "none"),
        Map.entry("STEWARD_SANDBOX_DIR", state.resolve("sandboxes").toString()),
        Map.entry("STEWARD_VAULT_DIR", state.resolve("vault").toString()),
        Map.entry("STEWARD_BLOB_DIR", state.resolve("blobs").toString()));
  }

  /// Waits until the service answers, or has ended.
  private static boolean answers(Process service) throws IOException, InterruptedException {
    long giveUpNanos = System.nanoTime() + START_MAX.toNanos();
    while (status("/q/health/live") != HttpURLConnection.HTTP_OK) {
      if (service.waitFor(100, TimeUnit.MILLISECONDS)) {
        System.out.println("The service ended with " + service.exitValue() + " by itself.");
        return false;
      }
      if (System.nanoTime() > giveUpNanos) {
        service.destroyForcibly();
        throw new IOException("The service did not answer within " + START_MAX + ".");
      }
    }
    return true;
  }

  /// The status of a GET, or 0 when nobody answers.
  private static int status(String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + PORT + path).toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(15_000);
      return connection.getResponseCode();
    } catch (IOException e) {
      return 0;
    }
  }
}
