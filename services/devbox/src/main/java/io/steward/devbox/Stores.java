package io.steward.devbox;

import io.steward.devbox.kafka.BrokerProperties;
import io.steward.devbox.postgres.PostgresArchive;
import io.steward.devbox.postgres.PostgresCluster;
import io.steward.devbox.program.Installation;
import io.steward.devbox.program.Jvm;
import io.steward.devbox.program.Surroundings;
import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.supervise.Family;
import io.steward.devbox.supervise.Program;
import io.steward.devbox.supervise.Supervised;
import io.steward.schemas.kafka.TopicProvisioning;
import io.steward.schemas.vault.AuditRetention;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// The two stores of an instance, as children.
record Stores(
    Installation installation,
    Jvm.AotUse aot,
    Progress progress,
    DataDirectory data,
    Family family,
    int kafkaPort,
    AuditRetention auditRetention) {
  static final Duration START_MAX = Duration.ofSeconds(90);

  private static final int ENDS_MAX = 3;

  /// Whether each of them runs, by name.
  Map<String, BooleanSupplier> running() {
    Map<String, BooleanSupplier> running = new LinkedHashMap<>();
    running.put("kafka", () -> family.isRunning("kafka"));
    running.put("postgres", () -> family.isRunning("postgres"));
    return running;
  }

  /// Starts the broker and waits until every topic is there.
  void startKafka(int controllerPort) throws IOException, InterruptedException, StartRefused {
    Path properties = data.path("run").resolve("kafka.properties");
    BrokerProperties.write(
        BrokerProperties.of(kafkaPort, controllerPort, data.path("kafka")), properties);
    Supervised kafka =
        family.add(
            new Program(
                "kafka",
                List.of(),
                installation.kafkaCommand(properties, aot),
                Inherited.of(System.getenv(), family.mark()),
                data.root(),
                Program.StopSignal.TERM));
    waitFor(() -> Ports.answers(kafkaPort), kafka);
    try {
      TopicProvisioning.ensure(
          "127.0.0.1:" + kafkaPort, Surroundings.SESSION_PARTITIONS, (short) 1, auditRetention);
    } catch (IllegalStateException e) {
      throw new StartRefused(String.valueOf(e.getMessage()), e);
    }
    progress.ready("kafka");
  }

  /// Starts the database and waits until it takes connections.
  void startPostgres(int port) throws IOException, InterruptedException, StartRefused {
    PostgresArchive.unpack(installation.postgres());
    var cluster =
        new PostgresCluster(
            installation.postgres(), data.root(), data.path("postgres-password"), port);
    cluster.create();
    Supervised postgres = family.add(cluster.program());
    waitFor(
        () -> postgres.pid().isPresent() && cluster.isReady(postgres.pid().getAsLong()), postgres);
    progress.ready("postgres");
  }

  private static void waitFor(BooleanSupplier ready, Supervised child)
      throws InterruptedException, StartRefused {
    long giveUpNanos = System.nanoTime() + START_MAX.toNanos();
    while (!ready.getAsBoolean()) {
      requireHope(child);
      if (System.nanoTime() > giveUpNanos) {
        throw new StartRefused(
            child.name()
                + " is not ready after "
                + START_MAX.toSeconds()
                + " s; see "
                + child.logFile()
                + ".");
      }
      Thread.sleep(10);
    }
  }

  /// @throws StartRefused when `child` has ended too often to ever come up
  static void requireHope(Supervised child) throws StartRefused {
    if (child.ends() >= ENDS_MAX) {
      throw new StartRefused(
          child.name()
              + " does not start: it ended "
              + child.ends()
              + " times. Its log ("
              + child.logFile()
              + ") ends with:\n"
              + child.lastWords());
    }
  }
}
