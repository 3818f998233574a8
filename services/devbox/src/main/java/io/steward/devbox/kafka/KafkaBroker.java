package io.steward.devbox.kafka;

import io.steward.devbox.program.Logging;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// The main class of the broker's process: formats the storage when there is none, then runs a
/// combined broker and controller until SIGTERM.
public final class KafkaBroker {
  private KafkaBroker() {}

  /// @param args the path of the properties file
  public static void main(String[] args) throws IOException {
    Logging.warningsOnly();
    Path file = Path.of(args[0]);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    format(file, Path.of(properties.getProperty("log.dirs")));
    var server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
    server.startup();
    server.awaitShutdown();
  }

  private static void format(Path file, Path logs) throws IOException {
    if (Files.exists(logs.resolve("meta.properties"))) {
      return;
    }
    String[] arguments = {
      "format",
      "--config",
      file.toString(),
      "--cluster-id",
      Uuid.randomUuid().toString(),
      "--ignore-formatted"
    };
    if (StorageTool.execute(arguments, System.out) != 0) {
      throw new IOException("the storage in " + logs + " cannot be formatted");
    }
  }
}
