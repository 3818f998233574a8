package io.steward.devbox;

import io.steward.devbox.postgres.PostgresArchive;
import io.steward.devbox.postgres.Trees;
import io.steward.devbox.program.Installation;
import io.steward.devbox.program.Jvm;
import io.steward.devbox.program.Service;
import io.steward.devbox.settings.Settings;
import io.steward.devbox.settings.StartRefused;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a start needs beside the jars and what is made once per build: unpacked PostgreSQL, and the
/// AOT caches. A cache comes from a training run: everything is started on a throw-away data
/// directory, used a little, and stopped; each JVM writes its cache at its end.
///
/// Caches are an optimisation: when the training fails, that is said and the start goes on.
final class Preparation {
  private static final Duration CACHE_WRITE_MAX = Duration.ofSeconds(180);

  private final Installation installation;
  private final PrintStream out;

  Preparation(Installation installation, PrintStream out) {
    this.installation = installation;
    this.out = out;
  }

  /// @return the exit code
  int run() throws StartRefused, IOException, InterruptedException {
    PostgresArchive.unpack(installation.postgres());
    Files.createDirectories(installation.stamp().resolveSibling("aot"));
    try (FileChannel channel =
            FileChannel.open(
                installation.stamp().resolveSibling("prepare.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!installation.isPrepared()) {
        train();
        Files.writeString(installation.stamp(), "");
      }
    }
    return 0;
  }

  private void train() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("steward-training-");
    try {
      train(directory);
    } catch (StartRefused | IOException e) {
      out.println("There are no AOT caches, so a start takes longer: " + e.getMessage());
    } finally {
      Trees.delete(directory);
    }
  }

  private void train(Path directory) throws StartRefused, IOException, InterruptedException {
    List<String> names = new ArrayList<>(List.of("kafka"));
    List.of(Service.values()).forEach(service -> names.add(service.wireName()));
    for (String name : names) {
      Files.deleteIfExists(installation.aotCache(name));
    }
    Ports ports = new Ports(new SecureRandom());
    Settings settings =
        Settings.of(
            Map.of(
                "STEWARD_PORT", Integer.toString(ports.free()),
                "STEWARD_KAFKA_PORT", Integer.toString(ports.free()),
                "STEWARD_DATA_DIR", directory.toString()),
            directory);
    try (Devbox devbox = Devbox.open(settings, installation, Jvm.AotUse.WRITE, out)) {
      try {
        devbox.start();
        new Exercise(settings.port(), devbox.apiKey()).run();
      } finally {
        devbox.stop(CACHE_WRITE_MAX, CACHE_WRITE_MAX);
      }
    }
  }
}
