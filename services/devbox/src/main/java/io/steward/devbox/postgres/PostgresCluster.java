package io.steward.devbox.postgres;

import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.supervise.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The database cluster in the data directory: made at the first start with a password of its own,
/// listening on 127.0.0.1 only, without a unix socket.
public final class PostgresCluster {
  /// The one database, and the one user.
  public static final String DATABASE = "steward";

  private final Path binaries;
  private final Path cluster;
  private final Path passwordFile;
  private final List<String> prefix;
  private final int port;

  /// @param binaries the unpacked archive
  /// @param directory the data directory; the cluster is its `postgres`
  /// @param passwordFile holds the password of the user
  /// @param port where it listens
  /// @throws StartRefused when this user cannot run PostgreSQL
  public PostgresCluster(Path binaries, Path directory, Path passwordFile, int port)
      throws IOException, InterruptedException, StartRefused {
    this.binaries = binaries;
    this.cluster = directory.resolve("postgres");
    this.passwordFile = passwordFile;
    this.port = port;
    this.prefix = PostgresUser.prefix();
  }

  /// Makes the cluster and the database when they do not exist. A half-made one of a start that was
  /// killed is thrown away.
  public void create() throws IOException, InterruptedException {
    if (exists()) {
      Files.deleteIfExists(cluster.resolve("postmaster.pid"));
      return;
    }
    Path draft = cluster.resolveSibling("postgres.new");
    Trees.delete(draft);
    run(
        "",
        List.of(
            binary("initdb"),
            "-D",
            draft.toString(),
            "-U",
            DATABASE,
            "-A",
            "scram-sha-256",
            "--pwfile=" + passwordFile,
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions"));
    run(
        "CREATE DATABASE " + DATABASE + ";\n",
        List.of(binary("postgres"), "--single", "-D", draft.toString(), "-F", "postgres"));
    Files.move(draft, cluster, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Whether there is one.
  public boolean exists() {
    return Files.exists(cluster.resolve("PG_VERSION"));
  }

  /// Runs statements on the database, one after the other, while no server runs.
  ///
  /// @param statements one line each
  /// @throws IOException when one fails, with what PostgreSQL said
  public void execute(List<String> statements) throws IOException, InterruptedException {
    run(
        String.join("\n", statements) + "\n",
        List.of(
            binary("postgres"),
            "--single",
            "-D",
            cluster.toString(),
            "-c",
            "exit_on_error=on",
            DATABASE));
  }

  /// The server as a child.
  public Program program() {
    List<String> command = new ArrayList<>(List.of(binary("postgres"), "-D", cluster.toString()));
    Map.of(
            "listen_addresses", "127.0.0.1",
            "port", Integer.toString(port),
            "unix_socket_directories", "",
            "max_connections", "120",
            "shared_buffers", "32MB",
            "max_wal_size", "256MB",
            "jit", "off",
            "log_min_messages", "warning",
            "max_parallel_workers", "0",
            "io_method", "sync")
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(setting -> command.addAll(setting(setting.getKey(), setting.getValue())));
    return new Program("postgres", prefix, command, environment(), cluster, Program.StopSignal.INT);
  }

  /// Whether the server with process id `pid` takes connections, as it says itself.
  public boolean isReady(long pid) {
    try {
      List<String> lines = Files.readAllLines(cluster.resolve("postmaster.pid"));
      return lines.size() >= 8
          && lines.getFirst().strip().equals(Long.toString(pid))
          && lines.get(7).strip().equals("ready");
    } catch (IOException e) {
      return false; // Not written yet.
    }
  }

  private static List<String> setting(String name, String value) {
    return List.of("-c", name + "=" + value);
  }

  private static Map<String, String> environment() {
    return Map.of("PATH", System.getenv().getOrDefault("PATH", ""), "LC_ALL", "C", "TZ", "UTC");
  }

  private String binary(String name) {
    return binaries.resolve("bin").resolve(name).toString();
  }

  private void run(String input, List<String> command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment());
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output;
    try (InputStream stdout = process.getInputStream()) {
      output = new String(stdout.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IOException(
          Path.of(command.getFirst()).getFileName() + " ended with " + exit + ": " + output);
    }
  }
}
